from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RoundState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUND_STATE_UNSPECIFIED: _ClassVar[RoundState]
    PROPOSED: _ClassVar[RoundState]
    CONSENTED: _ClassVar[RoundState]
    COLLECTING: _ClassVar[RoundState]
    MATCHING: _ClassVar[RoundState]
    READY: _ClassVar[RoundState]
    DELIVERED: _ClassVar[RoundState]
    CLOSED: _ClassVar[RoundState]
    REFUSED: _ClassVar[RoundState]
    EXPIRED: _ClassVar[RoundState]
    FAILED: _ClassVar[RoundState]
    CANCELLED: _ClassVar[RoundState]
ROUND_STATE_UNSPECIFIED: RoundState
PROPOSED: RoundState
CONSENTED: RoundState
COLLECTING: RoundState
MATCHING: RoundState
READY: RoundState
DELIVERED: RoundState
CLOSED: RoundState
REFUSED: RoundState
EXPIRED: RoundState
FAILED: RoundState
CANCELLED: RoundState

class CheckRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CheckReply(_message.Message):
    __slots__ = ("status", "version", "schema_digests", "now_ms")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    NOW_MS_FIELD_NUMBER: _ClassVar[int]
    status: str
    version: str
    schema_digests: _containers.RepeatedScalarFieldContainer[str]
    now_ms: int
    def __init__(self, status: _Optional[str] = ..., version: _Optional[str] = ..., schema_digests: _Optional[_Iterable[str]] = ..., now_ms: _Optional[int] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("after_sequence",)
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    def __init__(self, after_sequence: _Optional[int] = ...) -> None: ...

class SignedDocument(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: bytes
    def __init__(self, envelope: _Optional[bytes] = ...) -> None: ...

class PopulationProgress(_message.Message):
    __slots__ = ("population", "owner", "rows_expected", "bytes_expected", "bytes_received", "sealed")
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ROWS_EXPECTED_FIELD_NUMBER: _ClassVar[int]
    BYTES_EXPECTED_FIELD_NUMBER: _ClassVar[int]
    BYTES_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    population: str
    owner: str
    rows_expected: int
    bytes_expected: int
    bytes_received: int
    sealed: bool
    def __init__(self, population: _Optional[str] = ..., owner: _Optional[str] = ..., rows_expected: _Optional[int] = ..., bytes_expected: _Optional[int] = ..., bytes_received: _Optional[int] = ..., sealed: _Optional[bool] = ...) -> None: ...

class RoundStatus(_message.Message):
    __slots__ = ("round_id", "state", "reason", "reason_party", "stage", "done", "total", "populations", "warrant_digest", "result_digest", "result_bytes", "consented")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REASON_PARTY_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    WARRANT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESULT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESULT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CONSENTED_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    state: RoundState
    reason: str
    reason_party: str
    stage: str
    done: int
    total: int
    populations: _containers.RepeatedCompositeFieldContainer[PopulationProgress]
    warrant_digest: bytes
    result_digest: bytes
    result_bytes: int
    consented: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, round_id: _Optional[str] = ..., state: _Optional[_Union[RoundState, str]] = ..., reason: _Optional[str] = ..., reason_party: _Optional[str] = ..., stage: _Optional[str] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., populations: _Optional[_Iterable[_Union[PopulationProgress, _Mapping]]] = ..., warrant_digest: _Optional[bytes] = ..., result_digest: _Optional[bytes] = ..., result_bytes: _Optional[int] = ..., consented: _Optional[_Iterable[str]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("sequence", "at_ms", "round_id", "warrant", "consents", "status", "release_request", "release_answer", "referral", "referral_status", "deletion", "leaf")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    WARRANT_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ANSWER_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_STATUS_FIELD_NUMBER: _ClassVar[int]
    DELETION_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    at_ms: int
    round_id: str
    warrant: SignedDocument
    consents: Consents
    status: RoundStatus
    release_request: Relay
    release_answer: Relay
    referral: Relay
    referral_status: Relay
    deletion: SignedDocument
    leaf: bytes
    def __init__(self, sequence: _Optional[int] = ..., at_ms: _Optional[int] = ..., round_id: _Optional[str] = ..., warrant: _Optional[_Union[SignedDocument, _Mapping]] = ..., consents: _Optional[_Union[Consents, _Mapping]] = ..., status: _Optional[_Union[RoundStatus, _Mapping]] = ..., release_request: _Optional[_Union[Relay, _Mapping]] = ..., release_answer: _Optional[_Union[Relay, _Mapping]] = ..., referral: _Optional[_Union[Relay, _Mapping]] = ..., referral_status: _Optional[_Union[Relay, _Mapping]] = ..., deletion: _Optional[_Union[SignedDocument, _Mapping]] = ..., leaf: _Optional[bytes] = ...) -> None: ...

class Consents(_message.Message):
    __slots__ = ("warrant", "decisions")
    WARRANT_FIELD_NUMBER: _ClassVar[int]
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    warrant: SignedDocument
    decisions: _containers.RepeatedCompositeFieldContainer[SignedDocument]
    def __init__(self, warrant: _Optional[_Union[SignedDocument, _Mapping]] = ..., decisions: _Optional[_Iterable[_Union[SignedDocument, _Mapping]]] = ...) -> None: ...

class ProposeRoundRequest(_message.Message):
    __slots__ = ("warrant",)
    WARRANT_FIELD_NUMBER: _ClassVar[int]
    warrant: SignedDocument
    def __init__(self, warrant: _Optional[_Union[SignedDocument, _Mapping]] = ...) -> None: ...

class DecideRoundRequest(_message.Message):
    __slots__ = ("round_id", "decision")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    decision: SignedDocument
    def __init__(self, round_id: _Optional[str] = ..., decision: _Optional[_Union[SignedDocument, _Mapping]] = ...) -> None: ...

class CancelRoundRequest(_message.Message):
    __slots__ = ("round_id", "reason")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    reason: str
    def __init__(self, round_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class GetRoundRequest(_message.Message):
    __slots__ = ("round_id",)
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    def __init__(self, round_id: _Optional[str] = ...) -> None: ...

class RoundReply(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: RoundStatus
    def __init__(self, status: _Optional[_Union[RoundStatus, _Mapping]] = ...) -> None: ...

class BeginUploadRequest(_message.Message):
    __slots__ = ("round_id", "population", "warrant_digest", "schema_digest", "round_check_value", "golden_digest", "rows", "row_bytes", "content_digest", "sealed_upload_key")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    WARRANT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ROUND_CHECK_VALUE_FIELD_NUMBER: _ClassVar[int]
    GOLDEN_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_BYTES_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SEALED_UPLOAD_KEY_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    population: str
    warrant_digest: bytes
    schema_digest: bytes
    round_check_value: bytes
    golden_digest: bytes
    rows: int
    row_bytes: int
    content_digest: bytes
    sealed_upload_key: bytes
    def __init__(self, round_id: _Optional[str] = ..., population: _Optional[str] = ..., warrant_digest: _Optional[bytes] = ..., schema_digest: _Optional[bytes] = ..., round_check_value: _Optional[bytes] = ..., golden_digest: _Optional[bytes] = ..., rows: _Optional[int] = ..., row_bytes: _Optional[int] = ..., content_digest: _Optional[bytes] = ..., sealed_upload_key: _Optional[bytes] = ...) -> None: ...

class GetUploadRequest(_message.Message):
    __slots__ = ("round_id", "population")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    population: str
    def __init__(self, round_id: _Optional[str] = ..., population: _Optional[str] = ...) -> None: ...

class AppendChunkRequest(_message.Message):
    __slots__ = ("round_id", "population", "offset", "data", "digest")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    population: str
    offset: int
    data: bytes
    digest: bytes
    def __init__(self, round_id: _Optional[str] = ..., population: _Optional[str] = ..., offset: _Optional[int] = ..., data: _Optional[bytes] = ..., digest: _Optional[bytes] = ...) -> None: ...

class SealUploadRequest(_message.Message):
    __slots__ = ("round_id", "population", "content_digest")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    population: str
    content_digest: bytes
    def __init__(self, round_id: _Optional[str] = ..., population: _Optional[str] = ..., content_digest: _Optional[bytes] = ...) -> None: ...

class UploadReply(_message.Message):
    __slots__ = ("offset", "sealed", "chunk_bytes")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    offset: int
    sealed: bool
    chunk_bytes: int
    def __init__(self, offset: _Optional[int] = ..., sealed: _Optional[bool] = ..., chunk_bytes: _Optional[int] = ...) -> None: ...

class FetchResultRequest(_message.Message):
    __slots__ = ("round_id", "offset")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    offset: int
    def __init__(self, round_id: _Optional[str] = ..., offset: _Optional[int] = ...) -> None: ...

class ResultChunk(_message.Message):
    __slots__ = ("offset", "data", "digest")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    offset: int
    data: bytes
    digest: bytes
    def __init__(self, offset: _Optional[int] = ..., data: _Optional[bytes] = ..., digest: _Optional[bytes] = ...) -> None: ...

class AcceptResultRequest(_message.Message):
    __slots__ = ("round_id", "result_digest")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    result_digest: bytes
    def __init__(self, round_id: _Optional[str] = ..., result_digest: _Optional[bytes] = ...) -> None: ...

class StateDeletionRequest(_message.Message):
    __slots__ = ("round_id", "statement")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    statement: SignedDocument
    def __init__(self, round_id: _Optional[str] = ..., statement: _Optional[_Union[SignedDocument, _Mapping]] = ...) -> None: ...

class Relay(_message.Message):
    __slots__ = ("relay_id", "in_reply_to", "sender", "receiver", "round_id", "document")
    RELAY_ID_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECEIVER_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    relay_id: str
    in_reply_to: str
    sender: str
    receiver: str
    round_id: str
    document: SignedDocument
    def __init__(self, relay_id: _Optional[str] = ..., in_reply_to: _Optional[str] = ..., sender: _Optional[str] = ..., receiver: _Optional[str] = ..., round_id: _Optional[str] = ..., document: _Optional[_Union[SignedDocument, _Mapping]] = ...) -> None: ...

class RelayReply(_message.Message):
    __slots__ = ("sequence",)
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    def __init__(self, sequence: _Optional[int] = ...) -> None: ...

class CheckpointRequest(_message.Message):
    __slots__ = ("checkpoint", "consistency_proof", "known_size")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_PROOF_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SIZE_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    consistency_proof: _containers.RepeatedScalarFieldContainer[bytes]
    known_size: int
    def __init__(self, checkpoint: _Optional[str] = ..., consistency_proof: _Optional[_Iterable[bytes]] = ..., known_size: _Optional[int] = ...) -> None: ...

class CheckpointReply(_message.Message):
    __slots__ = ("checkpoint", "cosignature", "consistency_proof", "witnessed_size")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    COSIGNATURE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_PROOF_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_SIZE_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    cosignature: str
    consistency_proof: _containers.RepeatedScalarFieldContainer[bytes]
    witnessed_size: int
    def __init__(self, checkpoint: _Optional[str] = ..., cosignature: _Optional[str] = ..., consistency_proof: _Optional[_Iterable[bytes]] = ..., witnessed_size: _Optional[int] = ...) -> None: ...

class WitnessedLog(_message.Message):
    __slots__ = ("party", "size")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    party: str
    size: int
    def __init__(self, party: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class GrowthStep(_message.Message):
    __slots__ = ("party", "old_size", "new_size", "checkpoint", "consistency_proof")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    NEW_SIZE_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_PROOF_FIELD_NUMBER: _ClassVar[int]
    party: str
    old_size: int
    new_size: int
    checkpoint: str
    consistency_proof: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, party: _Optional[str] = ..., old_size: _Optional[int] = ..., new_size: _Optional[int] = ..., checkpoint: _Optional[str] = ..., consistency_proof: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Cosignature(_message.Message):
    __slots__ = ("party", "size", "witness", "line")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    WITNESS_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    party: str
    size: int
    witness: str
    line: str
    def __init__(self, party: _Optional[str] = ..., size: _Optional[int] = ..., witness: _Optional[str] = ..., line: _Optional[str] = ...) -> None: ...

class WitnessRequest(_message.Message):
    __slots__ = ("held", "cosignatures", "after_cosignature")
    HELD_FIELD_NUMBER: _ClassVar[int]
    COSIGNATURES_FIELD_NUMBER: _ClassVar[int]
    AFTER_COSIGNATURE_FIELD_NUMBER: _ClassVar[int]
    held: _containers.RepeatedCompositeFieldContainer[WitnessedLog]
    cosignatures: _containers.RepeatedCompositeFieldContainer[Cosignature]
    after_cosignature: int
    def __init__(self, held: _Optional[_Iterable[_Union[WitnessedLog, _Mapping]]] = ..., cosignatures: _Optional[_Iterable[_Union[Cosignature, _Mapping]]] = ..., after_cosignature: _Optional[int] = ...) -> None: ...

class WitnessReply(_message.Message):
    __slots__ = ("steps", "cosignatures", "last_cosignature")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    COSIGNATURES_FIELD_NUMBER: _ClassVar[int]
    LAST_COSIGNATURE_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[GrowthStep]
    cosignatures: _containers.RepeatedCompositeFieldContainer[Cosignature]
    last_cosignature: int
    def __init__(self, steps: _Optional[_Iterable[_Union[GrowthStep, _Mapping]]] = ..., cosignatures: _Optional[_Iterable[_Union[Cosignature, _Mapping]]] = ..., last_cosignature: _Optional[int] = ...) -> None: ...
