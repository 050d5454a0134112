.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3.11
DEMO ?= demo
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Where plain torch would bring gigabytes of CUDA: make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
# Some containers forbid it, and each of the many processes of the tests would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test soak lint types bench wheel docs lock sbom licences models browser clean

help: ## List every act
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | expand -t 12

$(VENV)/.torch: constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' constraints.txt)"
	touch $@

$(VENV)/.demo: $(VENV)/.torch pyproject.toml
	$(PIP) install -q -c constraints.txt -e '.[local]'
	touch $@

$(VENV)/.dev: $(VENV)/.torch pyproject.toml
	$(PIP) install -q -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.demo

models: $(VENV)/.demo ## Bring the default models into the cache
	$(BIN)/voc models pull

demo: models ## Run the main job on the sample, into DEMO (demo/)
	$(BIN)/voc demo $(DEMO)

# Debian's Chromium for the tests in a browser; where it cannot be had, they say so and are left out.
browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && \
	  apt-get install -y -q --no-install-recommends chromium; } || echo "No chromium: the tests in a browser are left out."

test: $(VENV)/.dev models browser ## Run the whole test suite
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 15

soak: $(VENV)/.dev models ## Run the long loops: many random kills, many questions to the API
	VOC_SOAK=1 $(BIN)/python -m pytest tests/test_kill.py tests/test_search_kill.py tests/test_random_kills.py \
	  tests/test_crash_matrix.py tests/test_erase_kill.py tests/test_openapi.py -rP --timeout 7200 -n 2 --dist load

lint: $(VENV)/.dev ## Check style and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

bench: $(VENV)/.dev models ## Run every benchmark and check its claims
	$(BIN)/voc models pull all-minilm-l6-v2
	for script in benchmarks/*.py; do $(BIN)/python $$script --check || exit 1; done

wheel: $(VENV)/.dev ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation -o dist .

docs: $(VENV)/.dev ## Check that documentation names every command and setting
	$(BIN)/python -m pytest tests/test_docs.py

# torch is locked apart: its builds come from different places (docs/supply-chain.md). The CPU build's lock is written by hand.
COMPILE = cd $(VENV)/lock && PIP_CONSTRAINT= bin/pip-compile -q --strip-extras --generate-hashes --allow-unsafe --no-annotate \
  --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -c ../../constraints.txt
lock: ## Write the locks of every dependency, with hashes
	test -x $(VENV)/lock/bin/pip-compile || { $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q pip-tools==7.6.2; }
	$(COMPILE) --extra dev --output-file everything.txt ../../pyproject.toml
	echo torch | sed "s/.*/$$(grep '^torch==' constraints.txt)/" > $(VENV)/lock/torch.in
	$(COMPILE) --index-url https://pypi.org/simple --output-file torch.txt torch.in
	PYTHONPATH=deploy $(BIN)/python -m supply.locks $(VENV)/lock/everything.txt $(VENV)/lock/torch.txt

sbom: $(VENV)/.dev ## Write the bill of materials (CycloneDX) to dist/sbom.cdx.json
	PYTHONPATH=deploy $(BIN)/python -m supply.sbom dist/sbom.cdx.json

licences: $(VENV)/.dev ## Write docs/licences.md and refuse licences that are not allowed
	PYTHONPATH=deploy $(BIN)/python -m supply.licences

clean: ## Remove what was built
	rm -rf $(VENV) dist build demo .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
