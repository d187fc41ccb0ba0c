# Everything a person or the CI runs. Each goal makes its own virtual environment when there is none.
PYTHONS := python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_ARGS ?=
TEST_ARGS ?=

OFFLINE ?= build/offline
OFFLINE_ARGS ?=

.PHONY: demo test test-faults lint types protos requirements sbom offline test-offline clean help

help:
	@echo "make demo   一个虚构的县，走完一轮 | a fictitious county, one whole round"
	@echo "make test   全部测试 | all tests"
	@echo "make test-faults   全部故障试验，约一小时 | every fault run, about an hour"
	@echo "make lint   ruff    make types   mypy    make protos   重新生成桩 | generate the stubs again"
	@echo "make requirements   重新锁定依赖 | pin the dependencies again    make clean"
	@echo "make offline   离线安装目录 | the folder that installs without a network    make test-offline   演练 | rehearse it"
	@echo "make sbom   核对许可证与散列，写软件物料清单 | check licences and hashes, write the bill of materials"

$(READY): requirements-dev.txt pyproject.toml
	@set -e; found=; \
	for name in $(PYTHONS); do \
	  if $$name -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "错误：需要 Python 3.11 或更新版本，并带 venv 和 ensurepip" >&2; \
	  echo "error: Python 3.11 or newer with venv and ensurepip is needed" >&2; \
	  echo "hint: Debian, Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "using $$($$found --version)"; \
	rm -rf $(VENV); $$found -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)
	$(BIN)/linkage demo $(DEMO_ARGS)

test: $(READY)
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(TEST_ARGS)

test-faults: $(READY)
	LINKAGE_FAULTS=all $(BIN)/python -m pytest -q tests/faults $(TEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

protos: $(READY)
	$(BIN)/python -m grpc_tools.protoc -I protos --python_out=. --pyi_out=. protos/linkage/rpc/v1/*.proto
	$(BIN)/python -m grpc_tools.protoc -I protos --grpc_python_out=. protos/linkage/rpc/v1/linkage.proto

requirements: $(READY)
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --constraint requirements.txt \
	  --extra dev --extra postgres --extra casefiles --output-file requirements-dev.txt pyproject.toml

sbom: $(READY)
	$(BIN)/python -m docs.sbom build/sbom.cdx.json

offline: $(READY)
	$(BIN)/python -m deploy.offline $(OFFLINE) $(OFFLINE_ARGS)

test-offline: $(READY)
	[ -d $(OFFLINE) ] || $(MAKE) offline
	sh tests/offline/rehearse.sh $(OFFLINE)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
