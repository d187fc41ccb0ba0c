"""The committed stubs are what the .proto says."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from grpc_tools import protoc  # type: ignore[import-untyped]

from linkage.rpc.v1 import courier_pb2, linkage_pb2

STUBS = {"linkage.proto": linkage_pb2, "courier.proto": courier_pb2}


@pytest.mark.parametrize("name", STUBS)
def test_the_stubs_have_not_drifted_from_the_proto(name: str, repository: Path, tmp_path: Path) -> None:
    out, proto = tmp_path / "set.pb", f"linkage/rpc/v1/{name}"
    assert protoc.main(["protoc", f"-I{repository / 'protos'}", f"--descriptor_set_out={out}", proto]) == 0
    compiled = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    committed = descriptor_pb2.FileDescriptorProto.FromString(STUBS[name].DESCRIPTOR.serialized_pb)

    assert without_json_names(committed) == without_json_names(compiled)


def without_json_names(file: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    """Clear what protoc writes into one of the two forms only."""
    for message in file.message_type:
        for field in message.field:
            field.ClearField("json_name")
    return file
