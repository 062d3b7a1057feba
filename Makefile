# mod_ubal: `make help` says what there is.
#
# Every .c and .sql file enters by where it lies, no list names it:
#   mod_ubal/core, mod_ubal/store   the library, in both programs
#   mod_ubal                        build/mod_ubal.so
#   ingest                          build/ubal-ingest
#   t/vendor                        build/mod_ubal_demo.so, for tests only
#   t/unit/test_*.c                 one TAP program each
# The module is told where the daemon will be installed, UBAL_INGEST_PROGRAM.
# What the layers may include is kept by the include paths here (only the
# module is shown httpd's headers) and by t/lint/layers.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/sh

SAN ?=
BUILD := $(if $(SAN),build-san,build)
prefix ?= /usr/local
libexecdir ?= $(prefix)/lib/ubal
DESTDIR ?=

# These start from nothing, or put things in place before they build.
LIGHT := help clean deps run test lint bench bench-reads bench-reads-build \
         bench-rivals bench-growth bench-pg
TESTS ?=
export PORT VENDOR_URL RUN_DIR
.PHONY: all check check-pg units sim mutants sim-mutations bench soak install $(LIGHT) \
        format
.DEFAULT_GOAL := all

core_src   := $(wildcard mod_ubal/core/*.c mod_ubal/store/*.c)
module_src := $(wildcard mod_ubal/*.c)
ingest_src := $(wildcard ingest/*.c)
vendor_src := $(wildcard t/vendor/*.c)
unit_src   := $(wildcard t/unit/test_*.c)
sim_src    := $(filter-out t/sim/load%.c,$(wildcard t/sim/*.c))
sql_src    := $(wildcard mod_ubal/store/sql/*.sql) \
              $(wildcard mod_ubal/store/sql/migrations/*.sql)
sql_dirs   := $(wildcard mod_ubal/store/sql mod_ubal/store/sql/migrations)

# A part whose main file is not there is not built.
targets := $(if $(wildcard mod_ubal/mod_ubal.c),$(BUILD)/mod_ubal.so) \
           $(if $(wildcard ingest/main.c),$(BUILD)/ubal-ingest) \
           $(if $(vendor_src),$(BUILD)/mod_ubal_demo.so)

all: $(targets) $(if $(core_src),$(BUILD)/libubal.a)

ifneq ($(filter-out $(LIGHT) format,$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/config.mk
endif

$(BUILD)/config.mk: conf/configure Makefile
	@mkdir -p $(@D)
	conf/configure >$@

CFLAGS   ?= $(DIST_CFLAGS)
CPPFLAGS ?= $(DIST_CPPFLAGS)
LDFLAGS  ?= $(DIST_LDFLAGS)

warnings := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 \
            -Wstrict-prototypes -Wmissing-prototypes -Werror
ifneq ($(SAN),)
san := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
       -fno-omit-frame-pointer -U_FORTIFY_SOURCE
endif

# V=1 shows whole command lines.
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $@ &&)

compile = $(call say,CC)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(san) $(warnings) -fPIC \
          -MMD -MP -Imod_ubal -I$(BUILD) $(APR_CPPFLAGS) $(SQLITE_CPPFLAGS)
link    = $(call say,LINK)$(CC) $(CFLAGS) $(san) $(LDFLAGS) -Wl,-z,relro -Wl,-z,now

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
core_obj   := $(call objects,$(core_src)) $(BUILD)/obj/sql_text.o
module_obj := $(call objects,$(module_src))
ingest_obj := $(call objects,$(ingest_src))
vendor_obj := $(call objects,$(vendor_src))
unit_obj   := $(call objects,$(unit_src))
bench_obj  := $(call objects,$(wildcard t/bench/*.c))
sim_obj    := $(call objects,$(sim_src))
unit_bin   := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(unit_src))

# --- the SQL, one statement a file, as a table ------------------------------

$(BUILD)/sql_text.h $(BUILD)/sql_text.c &: mod_ubal/store/sql/embed \
                                           $(sql_src) $(sql_dirs)
	@mkdir -p $(BUILD)
	$(call say,SQL)mod_ubal/store/sql/embed mod_ubal/store/sql $(BUILD)/sql_text

# --- objects ----------------------------------------------------------------

# The generated header is there before anything is compiled.
$(core_obj) $(module_obj) $(ingest_obj) $(vendor_obj) $(unit_obj) \
$(bench_obj) $(sim_obj): \
    $(BUILD)/config.mk | $(BUILD)/sql_text.h

$(BUILD)/obj/sql_text.o: $(BUILD)/sql_text.c
	@mkdir -p $(@D)
	$(compile) -c -o $@ $<

$(BUILD)/obj/mod_ubal/core/%.o: mod_ubal/core/%.c
	@mkdir -p $(@D)
	$(compile) -c -o $@ $<

$(BUILD)/obj/mod_ubal/store/%.o: mod_ubal/store/%.c
	@mkdir -p $(@D)
	$(compile) -c -o $@ $<

# Another prefix is another module.
$(BUILD)/libexecdir: always
	@mkdir -p $(@D)
	@echo '$(libexecdir)' | cmp -s - $@ || echo '$(libexecdir)' >$@
$(module_obj): $(BUILD)/libexecdir
.PHONY: always

$(BUILD)/obj/mod_ubal/%.o: mod_ubal/%.c
	@mkdir -p $(@D)
	$(compile) $(HTTPD_CPPFLAGS) \
	    -DUBAL_INGEST_PROGRAM='"$(libexecdir)/ubal-ingest"' -c -o $@ $<

$(BUILD)/obj/ingest/%.o: ingest/%.c
	@mkdir -p $(@D)
	$(compile) -Iingest $(INGEST_CPPFLAGS) -c -o $@ $<

$(BUILD)/obj/t/vendor/%.o: t/vendor/%.c
	@mkdir -p $(@D)
	$(compile) -It/vendor $(HTTPD_CPPFLAGS) -c -o $@ $<

$(BUILD)/obj/t/unit/%.o: t/unit/%.c
	@mkdir -p $(@D)
	$(compile) -It/unit -Iingest -It/vendor $(INGEST_CPPFLAGS) -c -o $@ $<

# --- archives, so that each program takes only what it uses -----------------

$(BUILD)/libubal.a: $(core_obj)
$(BUILD)/libingest.a: $(filter-out %/main.o,$(ingest_obj))
$(BUILD)/libvendor.a: $(vendor_obj)
$(BUILD)/lib%.a:
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $(filter %.o,$^)

# --- programs ---------------------------------------------------------------

# Only the module record is to be seen from outside. -fvisibility=hidden would
# hide that too: AP_DECLARE_MODULE says nothing about visibility.
$(BUILD)/module.map: $(BUILD)/config.mk
	@echo '{ global: *_module; local: *; };' >$@

shared = $(link) -shared -Wl,--version-script=$(BUILD)/module.map \
         -Wl,--exclude-libs,ALL -o $@ $(filter %.o,$^) $(filter %.a,$^) \
         $(APR_LIBS)

# The same libsqlite3 that apr_dbd's driver has opened connections with.
$(BUILD)/mod_ubal.so: $(module_obj) $(BUILD)/libubal.a $(BUILD)/module.map
	$(shared) $(SQLITE_LIBS)

$(BUILD)/mod_ubal_demo.so: $(vendor_obj) $(BUILD)/libubal.a $(BUILD)/module.map
	$(shared)

$(BUILD)/ubal-ingest: $(ingest_obj) $(BUILD)/libubal.a
	$(link) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(INGEST_LIBS) $(APR_LIBS) -lpthread -lm

# --- tests ------------------------------------------------------------------

$(BUILD)/unit/%: $(BUILD)/obj/t/unit/%.o $(BUILD)/libingest.a \
                 $(BUILD)/libvendor.a $(BUILD)/libubal.a
	@mkdir -p $(@D)
	$(link) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(INGEST_LIBS) $(APR_LIBS) -lpthread -lm
.PRECIOUS: $(BUILD)/obj/t/unit/%.o

# UNIT=money takes t/unit/test_money.c alone.
UNIT ?= *
check: $(filter $(patsubst %,$(BUILD)/unit/%,$(subst *,%,test_$(UNIT))),$(unit_bin))
	$(if $^,,@echo 'make check: no unit test' >&2; exit 1)
	prove --exec '' $^

# Those of the store, on a PostgreSQL server that is started for them.
check-pg: $(filter $(patsubst %,$(BUILD)/unit/%,$(subst *,%,test_store_$(UNIT))),$(unit_bin))
	t/pg/server run env UBAL_TEST_DB=pgsql prove --exec '' $^

# What makes faults happen in the daemon; preloaded, so without sanitizers.
$(BUILD)/faulty.so: t/lib/faulty.c
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -std=gnu11 -O2 $(warnings) -Wno-missing-prototypes \
	    -shared -fPIC -o $@ $<

# --- simulation -------------------------------------------------------------

$(BUILD)/obj/t/sim/%.o: t/sim/%.c
	@mkdir -p $(@D)
	$(compile) -It/sim -Iingest $(INGEST_CPPFLAGS) -c -o $@ $<

$(BUILD)/sim/load: $(call objects,$(wildcard t/sim/load*.c)) $(BUILD)/libingest.a \
                   $(BUILD)/libubal.a
	@mkdir -p $(@D)
	$(link) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) $(APR_LIBS) -lm

# The real ingest in a simulated world: what t/sim defines comes before the
# archives' own, and before APR's for the drivers that it loads.
$(BUILD)/sim/world: $(sim_obj) $(BUILD)/libingest.a $(BUILD)/libubal.a
	@mkdir -p $(@D)
	$(link) -pie -rdynamic -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(INGEST_LIBS) $(APR_LIBS) -lpthread -lm

# SEED=7 takes one seed, SEEDS=1-40 some; both print what they met.
SEED ?=
SEEDS ?= $(if $(SEED),$(SEED)-$(SEED))
sim: $(BUILD)/sim/load $(BUILD)/sim/world
	$(if $(SEEDS),,$(BUILD)/sim/load)
	$(BUILD)/sim/world $(if $(SEEDS),--any --seeds $(SEEDS),--days 10000)

# One deliberate mistake a program: t/sim/mutate says which. What it wrote is
# linked in place of the archives' own.
$(BUILD)/sim/mutants/%/mutant.o: $(BUILD)/sim/mutants/%/mutant.c
	$(compile) -Iingest $(INGEST_CPPFLAGS) -w \
	    -c -o $@ $<

$(BUILD)/sim/mutants/%/world: $(BUILD)/sim/mutants/%/mutant.o $(sim_obj) \
                              $(BUILD)/libingest.a $(BUILD)/libubal.a
	$(link) -pie -rdynamic -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(INGEST_LIBS) $(APR_LIBS) -lpthread -lm
.PRECIOUS: $(BUILD)/sim/mutants/%/mutant.o

mutants: $(BUILD)/sim/world
	t/sim/mutate $(BUILD) build

sim-mutations: mutants
	t/sim/mutate $(BUILD) run

# --- benches: t/bench/run says what is measured -----------------------------

$(BUILD)/obj/t/bench/%.o: t/bench/%.c
	@mkdir -p $(@D)
	$(compile) -It/bench $(HTTPD_CPPFLAGS) -c -o $@ $<

$(BUILD)/bench/commits: $(call objects,$(addprefix t/bench/,commits.c made.c stored.c times.c)) \
                        $(BUILD)/libubal.a
	@mkdir -p $(@D)
	$(link) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(INGEST_LIBS) $(APR_LIBS) -lpthread -lm

$(BUILD)/bench/fill: $(call objects,t/bench/fill.c) $(BUILD)/libubal.a
	@mkdir -p $(@D)
	$(link) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) $(SQLITE_LIBS) $(APR_LIBS)

$(BUILD)/bench/pages: $(call objects,$(addprefix t/bench/,pages.c made.c stored.c times.c)) \
                      $(BUILD)/libubal.a
	@mkdir -p $(@D)
	$(link) -pie -o $@ $(filter %.o,$^) $(filter %.a,$^) $(SQLITE_LIBS) \
	    $(APR_LIBS) -lm

# Loaded by name: the version script of the modules fits it too.
$(BUILD)/bench/mod_ubal_bench.so: $(call objects,t/bench/mod_ubal_bench.c) \
                                  $(BUILD)/module.map
	@mkdir -p $(@D)
	$(shared)

bench:
	$(MAKE) bench-reads
	$(MAKE) bench-rivals
	$(MAKE) bench-growth
	$(MAKE) $(BUILD)/bench/commits
	t/bench/run $(BUILD)
	t/bench/import $(BUILD)
	$(MAKE) bench-pg

# FULL=1 takes longer: more rounds of longer samples.
bench-reads: bench-reads-build
	t/bench/reads $(BUILD)

# Both on PostgreSQL, beside pgbench and COPY.
bench-pg: bench-reads-build
	$(MAKE) $(BUILD)/bench/pages
	t/bench/pg $(BUILD)

# The same beside Express and PHP; Express comes from npm.
bench-rivals: bench-reads-build
	t/bench/rivals $(BUILD)

# Whether the number of users and transactions tells.
bench-growth: bench-reads-build
	t/bench/growth $(BUILD)

bench-reads-build:
	conf/deps bench
	$(MAKE) all $(BUILD)/bench/fill $(BUILD)/bench/mod_ubal_bench.so

# What t/soak tests in make test with 300 pages and 60,000 requests, with
# PAGES=10000, REQUESTS=10000000 and KILLS=500.
soak: all
	PAGES=$${PAGES:-10000} REQUESTS=$${REQUESTS:-10000000} KILLS=$${KILLS:-500} \
	    UBAL_BUILD=$(abspath $(BUILD)) prove -v -It/lib t/soak

units: $(unit_bin) $(BUILD)/faulty.so $(BUILD)/sim/load $(BUILD)/sim/world

test:
	conf/deps test
	-t/openapi/install
	$(MAKE) -j$$(nproc) all units
	$(MAKE) mutants
	t/run $(BUILD) $(TESTS)

# --- the rest ---------------------------------------------------------------

run:
	conf/deps run
	$(MAKE) -j$$(nproc) all
	conf/run $(BUILD)

deps:
	conf/deps test
	-t/openapi/install

lint:
	conf/deps lint
	$(MAKE) $(BUILD)/config.mk $(BUILD)/sql_text.h
	t/lint/run $(BUILD)

format:
	clang-format -i $$(git ls-files '*.[ch]')

install: all
	install -d $(DESTDIR)$(HTTPD_LIBEXECDIR) $(DESTDIR)$(libexecdir)
	install -m 644 $(BUILD)/mod_ubal.so $(DESTDIR)$(HTTPD_LIBEXECDIR)/
	install -m 755 $(BUILD)/ubal-ingest $(DESTDIR)$(libexecdir)/

clean:
	rm -rf build build-san

help:
	@sed -n 's/^# *make/  make/p' conf/help

-include $(shell find $(BUILD)/obj $(BUILD)/sim -name '*.d' 2>/dev/null)
