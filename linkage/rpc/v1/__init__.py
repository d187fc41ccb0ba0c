"""Hold the generated stubs of protos/linkage/rpc/v1.

Made by `python -m grpc_tools.protoc -I protos --python_out=. --pyi_out=. --grpc_python_out=.
protos/linkage/rpc/v1/linkage.proto` (`make protos`); tests/rpc/test_stubs.py fails when they drift from the .proto.
"""
