/* agent.conf: what is refused, and that the table of keys and conf/agent.conf agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "programs/agent/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SITE         "Agent.Origin.0 = https://ecert.example\n"

static char file[] = "/tmp/ecert-agent-settings.XXXXXX";
static struct pool *pool;

static int load(const char *text, struct agent_settings *settings, struct err *err)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    err_clear(err);
    return agent_settings_load(pool, file, settings, err);
}

static void refuses_mistakes(void **state)
{
    static const struct {
        const char *text, *word;
    } rows[] = {
        {"",                                         "Agent.Origin"        },
        {"Agent.Origin.0 = *\n",                     "Agent.Origin.0"      },
        {SITE "Agent.Origin.1 = http://a.example\n", "Agent.Origin.1"      },
        {SITE "Agent.Origins = https://a.example\n", "Agent.Origins"       },
        {SITE "Agent.Port = 0\n",                    "Agent.Port"          },
        {SITE "Agent.Port = 65533\n",                "Agent.Port"          },
        {SITE "Agent.Prompt = none\n",               "Agent.Prompt"        },
        {SITE "Agent.ConsentSeconds = 0\n",          "Agent.ConsentSeconds"},
        {SITE "Agent.PauseSeconds = -1\n",           "Agent.PauseSeconds"  },
        {SITE "Agent.Pin = 123456\n",                "Agent.Pin"           },
        {SITE "Log.Level = loud\n",                  "Log.Level"           },
    };
    struct agent_settings settings;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (load(rows[i].text, &settings, &err) == 0)
            fail_msg("row %zu was taken", i);
        assert_int_equal(err.kind, ERR_CONFIG);
        if (!strstr(err.text, rows[i].word))
            fail_msg("row %zu: %s", i, err.text);
    }
    assert_int_equal(agent_settings_load(pool, "/nonexistent/agent.conf", &settings, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void takes_the_least_and_the_most(void **state)
{
    struct agent_settings settings;
    struct err err = {0};

    (void)state;
    if (load(SITE "Agent.Prompt = terminal\n", &settings, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(settings.port, 17432);
    assert_int_equal(settings.prompt, PROMPT_TERMINAL);
    assert_string_equal(settings.module, "");
    assert_string_equal(settings.origins->value, "https://ecert.example");
    if (load(SITE
             "Agent {\n Port = 65532\n Module = m.so\n Prompt = pinentry\n}\nLog.Level = debug\n",
             &settings, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(settings.port, 65532);
    assert_string_equal(settings.module, "/tmp/m.so");
    assert_int_equal(settings.prompt, PROMPT_PINENTRY);
    assert_int_equal(settings.log_level, LOG_DEBUG);
}

static void finds_the_clerks_file(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", "/somewhere", 1);
    assert_string_equal(agent_settings_path(pool), "/somewhere/ecert/agent.conf");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", "/home-of-a-clerk", 1);
    assert_string_equal(agent_settings_path(pool), "/home-of-a-clerk/.config/ecert/agent.conf");
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    assert_null(agent_settings_path(pool));
}

/* Every key stands in the example with its default, and the example alone is a configuration. */
static void the_example_agrees(void **state)
{
    char path[1024], line[256];
    struct agent_settings settings;
    struct err err = {0};
    struct bytes text;
    size_t count;
    const struct config_key *keys = agent_settings_keys(&count);

    (void)state;
    assert_true(text_format(path, sizeof(path), "%s/conf/agent.conf", getenv("TOP_SRCDIR")));
    if (file_read(pool, path, 1 << 16, &text, &err) < 0 ||
        agent_settings_load(pool, path, &settings, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].kind == CONFIG_TREE)
            text_format(line, sizeof(line), "\n%s.0 = ", keys[i].name);
        else
            text_format(line, sizeof(line), "\n#%s =%s%s\n", keys[i].name,
                        *keys[i].fallback ? " " : "", keys[i].fallback);
        if (!strstr((const char *)text.data, line))
            fail_msg("conf/agent.conf has no line%s", line);
    }
}

static int set_up(void **state)
{
    int fd = mkstemp(file);

    (void)state;
    pool = pool_new(1 << 16, 0);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    pool_free(&pool);
    return unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_mistakes),
        cmocka_unit_test(takes_the_least_and_the_most),
        cmocka_unit_test(finds_the_clerks_file),
        cmocka_unit_test(the_example_agrees),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
