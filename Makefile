# 12345 contact center. `make demo` shows one real call; `make test` proves the rest.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
export CALLCENTER_CACHE ?= $(CURDIR)/var/cache

UI := callcenter/web/ui
DESKS := $(UI)/dist/index.html
UI_SOURCES := $(shell find $(UI) \( -name node_modules -o -name dist \) -prune -o -type f ! -name openapi.json ! -name schema.d.ts -print)

# What needs no telephone comes first: it fails soonest. Telephones wait more than they work: two homes share the cores.
QUIET_TESTS := tests/core tests/sim tests/adapters tests/contract tests/web tests/browser
# The longest stories first, so that neither home is left alone with one at the end.
PHONE_TESTS := tests/chaos tests/asterisk

# Two at a time. Other programs play in many stories, and two cores stall: what fails beside others is named, and must then pass alone.
define told
$(BIN)/pytest --numprocesses 2 --dist loadfile -r a $(1) || \
{ [ $$? -eq 1 ] && echo "失败者单独再试一次 / what failed is told once more, alone ..." && $(BIN)/pytest --last-failed --last-failed-no-failures none -r a $(1); }
endef

.PHONY: help setup demo up down test lint unit chromium bench pictures diagrams clean
help:            ## show this list
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

setup: $(STAMP) $(DESKS)  ## Python side (.venv), desks, private Asterisk, Chinese voice, prompts, demo recognizer
	@$(BIN)/callcenter setup

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) tools/prerequisites.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "安装 Python 依赖 / installing the Python side (a minute on a fresh machine) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DESKS): $(STAMP) $(UI_SOURCES)
	@echo "生成网页 / building the desks ..."
	@$(BIN)/python tools/desks.py || echo "网页未生成，电话不受影响 / the desks are missing; calls work without them"

demo: setup      ## one real call end to end, with its timeline
	@$(BIN)/callcenter demo

up: setup        ## the same, left running (stop with `make down`)
	@$(BIN)/callcenter up --people
	@$(BIN)/callcenter demo

down:            ## stop what `make up` started
	@$(BIN)/callcenter down

lint: $(STAMP)   ## style, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

unit: $(STAMP)   ## the quick half of the tests: engines and edges
	@$(BIN)/pytest --numprocesses 2 --dist loadfile tests/core tests/sim tests/adapters

test: setup lint chromium ## everything: needs no question answered, no system package beyond the README's
	@$(call told,$(QUIET_TESTS))
	@$(call told,--no-loadscope-reorder $(PHONE_TESTS))

chromium: $(STAMP)
	@$(BIN)/python tools/chromium.py

bench: setup     ## figures beside the plain alternative, in one run
	@$(BIN)/python tests/bench/__main__.py

pictures: setup chromium  ## renew the pictures of docs/desks
	@CALLCENTER_SCREENS=docs/desks $(BIN)/pytest -q tests/browser/test_pictures.py

diagrams: $(STAMP)  ## redraw docs/life-cycles.md from the tables
	@$(BIN)/python -m callcenter.diagrams

lock:            ## pin every dependency anew, with hashes (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 -o requirements.lock

clean:           ## remove what set-up made; data in var/ other than the cache stays
	rm -rf .venv var/cache
