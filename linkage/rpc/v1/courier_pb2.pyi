from linkage.rpc.v1 import linkage_pb2 as _linkage_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CarriedRecord(_message.Message):
    __slots__ = ("cover", "call", "reply", "event", "result")
    COVER_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    cover: Cover
    call: CarriedCall
    reply: CarriedReply
    event: _linkage_pb2.Event
    result: CarriedResult
    def __init__(self, cover: _Optional[_Union[Cover, _Mapping]] = ..., call: _Optional[_Union[CarriedCall, _Mapping]] = ..., reply: _Optional[_Union[CarriedReply, _Mapping]] = ..., event: _Optional[_Union[_linkage_pb2.Event, _Mapping]] = ..., result: _Optional[_Union[CarriedResult, _Mapping]] = ...) -> None: ...

class Cover(_message.Message):
    __slots__ = ("received", "after_sequence", "leaf", "answered")
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    received: int
    after_sequence: int
    leaf: bytes
    answered: int
    def __init__(self, received: _Optional[int] = ..., after_sequence: _Optional[int] = ..., leaf: _Optional[bytes] = ..., answered: _Optional[int] = ...) -> None: ...

class CarriedCall(_message.Message):
    __slots__ = ("number", "method", "request")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    number: int
    method: str
    request: bytes
    def __init__(self, number: _Optional[int] = ..., method: _Optional[str] = ..., request: _Optional[bytes] = ...) -> None: ...

class CarriedReply(_message.Message):
    __slots__ = ("number", "reply", "error", "zh", "en", "hint_zh", "hint_en")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ZH_FIELD_NUMBER: _ClassVar[int]
    EN_FIELD_NUMBER: _ClassVar[int]
    HINT_ZH_FIELD_NUMBER: _ClassVar[int]
    HINT_EN_FIELD_NUMBER: _ClassVar[int]
    number: int
    reply: bytes
    error: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    def __init__(self, number: _Optional[int] = ..., reply: _Optional[bytes] = ..., error: _Optional[str] = ..., zh: _Optional[str] = ..., en: _Optional[str] = ..., hint_zh: _Optional[str] = ..., hint_en: _Optional[str] = ...) -> None: ...

class CarriedResult(_message.Message):
    __slots__ = ("round_id", "chunk")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    chunk: _linkage_pb2.ResultChunk
    def __init__(self, round_id: _Optional[str] = ..., chunk: _Optional[_Union[_linkage_pb2.ResultChunk, _Mapping]] = ...) -> None: ...
