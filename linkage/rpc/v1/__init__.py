"""Hold the generated stubs of protos/linkage/rpc/v1; tests/rpc/test_stubs.py fails when they drift from the .proto.

Made by `make protos`; the files a courier carries have messages only, no service.
"""
