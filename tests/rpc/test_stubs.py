"""The committed stubs are what the .proto says."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc  # type: ignore[import-untyped]

from linkage.rpc.v1 import linkage_pb2

PROTO = "linkage/rpc/v1/linkage.proto"


def test_the_stubs_have_not_drifted_from_the_proto(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.pb"
    assert protoc.main(["protoc", f"-I{repository / 'protos'}", f"--descriptor_set_out={out}", PROTO]) == 0
    compiled = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    committed = descriptor_pb2.FileDescriptorProto.FromString(linkage_pb2.DESCRIPTOR.serialized_pb)

    assert without_json_names(committed) == without_json_names(compiled)


def without_json_names(file: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    """Clear what protoc writes into one of the two forms only."""
    for message in file.message_type:
        for field in message.field:
            field.ClearField("json_name")
    return file
