/*
 * How long the rules take over 20 certificates of one person, in time of the processor; beside
 * as many sentences printed by snprintf, in the same run.
 *
 * Usage: bench_rules [N]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "core/register/certificate.h"
#include "tests/core/rules/ruling.h"

enum { HELD = 20, ROUNDS = 2001, ROUNDS_MAX = 1000000, SENTENCE = 256, GOAL_NS = 50000 };

/* What a firm may do to a certificate that is there. */
static const enum act acts[] = {ACT_TRANSFER, ACT_RENEW, ACT_RENEW_OUTSIDE, ACT_CANCEL, ACT_DEPART};
enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

static int64_t cpu_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) < 0)
        err_fatal("no clock of the processor's time");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* A person with an A in many firms, a B and a C3: the rules about what else is held see them all. */
static void hold_all(struct ruling *ruling)
{
    while (ruling->facts.holding_count < HELD - 1)
        ruling_hold(ruling, "A", ruling->facts.holding_count % 2 ? SECOND : THIRD, STATE_VALID);
    ruling_hold(ruling, "C3", ruling->holdings[0].enterprise_id, STATE_VALID);
}

/* One after the other, as a filing judges its subjects. The number of findings, and how many passed. */
static size_t judge_all(struct ruling *ruling, struct pool *pool, size_t *passed)
{
    struct facts *facts = &ruling->facts;
    size_t findings = 0;

    for (size_t i = 0; i < facts->holding_count; i++) {
        facts->holding = &ruling->holdings[i];
        facts->class_code = ruling->holdings[i].class_code;
        facts->legal = holding_legal(facts->holding);
        rules_judge(pool, &ruling->policy, ruling->act, facts, &ruling->verdict);
        findings += ruling->verdict.count;
        for (size_t f = 0; f < ruling->verdict.count; f++)
            *passed += ruling->verdict.findings[f].passed;
    }
    return findings;
}

static int64_t ours(enum act act, size_t rounds, int64_t *times, size_t *findings)
{
    struct pool *pool = pool_new(1 << 20, 0);
    size_t passed = 0;
    struct ruling ruling;

    ruling_make(&ruling, act, ruling_today);
    hold_all(&ruling);
    for (size_t i = 0; i < rounds; i++) {
        int64_t start = cpu_ns();

        *findings = judge_all(&ruling, pool, &passed);
        times[i] = cpu_ns() - start;
        pool_reset(pool);
    }
    ruling_free(&ruling);
    pool_free(&pool);
    if (passed == 0 || passed == rounds * *findings)
        err_fatal("%s: all came out alike: not what a person meets", act_name(act));
    return median(times, rounds);
}

static int64_t peer(size_t sentences, size_t rounds, int64_t *times)
{
    volatile char keep = 0;
    char text[SENTENCE];

    for (size_t i = 0; i < rounds; i++) {
        int64_t start = cpu_ns();

        for (size_t s = 0; s < sentences; s++) {
            snprintf(text, sizeof(text), "%s自 %04d-%02d-%02d 起持有该证书，须大于 %d 个月",
                     "上海示范建筑工程有限公司", 2026, (int)(s % 12) + 1, (int)(s % 28) + 1, 6);
            keep = text[s % 8];
        }
        times[i] = cpu_ns() - start;
    }
    (void)keep;
    return median(times, rounds);
}

static void report(enum act act, size_t findings, int64_t value, int64_t peer_value)
{
    printf("bench rules.%s %.3f us ratio %.3f against %zu sentences by snprintf goal <=%d %s\n",
           act_name(act), (double)value / 1000, (double)value / (double)peer_value, findings,
           GOAL_NS / 1000, value <= GOAL_NS ? "ok" : "short");
}

int main(int argc, char **argv)
{
    int64_t rounds = ROUNDS, *times;

    if (argc > 1 && !parse_int(argv[1], 1, ROUNDS_MAX, &rounds)) {
        fprintf(stderr, "usage: bench_rules [1 to %d]\n", ROUNDS_MAX);
        return 2;
    }
    times = calloc((size_t)rounds, sizeof(*times));
    if (times == NULL)
        err_fatal("out of memory");
    for (size_t i = 0; i < ACTS; i++) {
        size_t findings;
        int64_t value = ours(acts[i], (size_t)rounds, times, &findings);

        report(acts[i], findings, value, peer(findings, (size_t)rounds, times));
    }
    free(times);
    return 0;
}
