/*
 * Sessions, login tickets and logging out over a real database: run it by tests/with-mariadb. Without
 * ECERT_TEST_DB_SOCKET it is skipped (exit code 77).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/fcgi/site.h"

/* Sessions */

static void costs_one_look_up(void **state)
{
    (void)state;
    fake_sql("INSERT INTO thing (name) VALUES ('<b>&')");
    site_get("/t/"); /* prepares */
    struct fake_response response = site_get("/t/");
    assert_int_equal(response.status, 200);
    assert_int_equal(response.round_trips, 2);
    assert_non_null(strstr(response.body, "&lt;b&gt;&amp;"));
    assert_non_null(strstr(response.body, "&lt;某&gt;公司"));
}

/* The cookie's claim saves a round trip when it is true, and changes nothing when it is not. */
static void believes_no_claim(void **state)
{
    static const char *const claims[] = {"",     ".",     ".1",     ".1.",   ".1.x", ".1.0", ".2.6",
                                         ".1.6", ".9.5",  ".1.5.5", ".1.-5", "..5",  ".0.5",
                                         ".1.99999999999999999999999"};
    char own[sizeof(site_cookie)];

    (void)state;
    site_get("/t/own");
    struct fake_response true_claim = site_get("/t/own");
    assert_string_equal(true_claim.body, "own 5");
    assert_int_equal(true_claim.round_trips, 1);
    assert_int_equal(site_get("/t/own?x=1").round_trips, 2);
    memcpy(own, site_cookie, sizeof(own));
    assert_non_null(strstr(own, ".1.5"));
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        snprintf(site_cookie, sizeof(site_cookie), "%.*s%s", (int)strcspn(own, "."), own, claims[i]);
        struct fake_response response = site_get("/t/own");
        assert_int_equal(response.status, 200);
        assert_string_equal(response.body, "own 5");
        assert_int_equal(response.round_trips, 2);
    }
    snprintf(site_cookie, sizeof(site_cookie), "__Host-ecert=%043d.1.5", 0);
    assert_int_equal(site_get("/t/own").status, 303);
}

static void ends_late_sessions(void **state)
{
    (void)state;
    assert_int_equal(site_get("/t/").status, 200);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 1799 SECOND");
    assert_int_equal(site_get("/t/").status, 200);
    /* Which has been written down: idle time begins anew. */
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"
                                 " WHERE seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND"), 1);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 1801 SECOND");
    assert_int_equal(site_get("/t/").status, 303);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3), expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
    assert_int_equal(site_get("/t/").status, 303);
}

static void writes_seen_once_a_minute(void **state)
{
    (void)state;
    site_get("/t/");
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 50 SECOND");
    assert_int_equal(site_get("/t/").round_trips, 2);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 61 SECOND");
    assert_true(site_get("/t/").round_trips > 2);
    assert_int_equal(site_get("/t/").round_trips, 2);
}

static void rotates_at_login(void **state)
{
    char before[sizeof(site_cookie)];

    (void)state;
    memcpy(before, site_cookie, sizeof(before));
    site_log_in("/t/login/6");
    assert_string_not_equal(before, site_cookie);
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 1);
    memcpy(site_cookie, before, sizeof(before));
    assert_int_equal(site_get("/t/").status, 303);
}

/* A token that stood in every page alike could be guessed from the length of compressed pages that
 * repeat what an attacker puts into them. */
static void writes_tokens_anew(void **state)
{
    char first[sizeof(site_csrf)], second[sizeof(site_csrf)];

    (void)state;
    memcpy(first, site_csrf, sizeof(first));
    struct fake_response response = site_get("/t/both");
    assert_null(strstr(response.body, first));
    assert_null(strstr(response.body, first + strlen(first) / 2));
    snprintf(second, sizeof(second), "%.*s", (int)strlen(first),
             strstr(response.body, "csrf=") + strlen("csrf="));
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    site_new_key();
    memcpy(site_csrf, second, sizeof(second));
    assert_int_equal(site_post("/t/add", "name=name").status, 303);
    site_new_key();
    memcpy(site_csrf, first, strlen(first) / 2);
    assert_int_equal(site_post("/t/add", "name=name").status, 403);
}

static void keeps_roles_apart(void **state)
{
    (void)state;
    assert_int_equal(site_get("/t/staff").status, 403);
    site_log_in("/t/login/100");
    assert_int_equal(site_get("/t/staff").status, 200);
    assert_int_equal(site_get("/t/").status, 403);
    assert_int_equal(site_get("/t/both").status, 200);
}

/* What a session keeps of its owner's roles, against what the route demands. */
static void asks_for_one_of_the_roles(void **state)
{
    (void)state;
    site_log_in("/t/login/101");
    assert_int_equal(site_get("/t/staff").status, 403);
    assert_int_equal(site_get("/t/others").status, 200);
    assert_int_equal(site_get("/t/both").status, 200);
    assert_int_equal(site_get("/t/both/one").status, 200);
    assert_int_equal(site_post("/t/do", "name=name").status, 403);
    site_log_in("/t/login/103");
    assert_int_equal(site_get("/t/others").status, 403);
    assert_int_equal(site_get("/t/both/one").status, 403);
    site_log_in("/t/login/100");
    site_new_key();
    assert_int_equal(site_post("/t/do", "name=name").status, 303);
    fake_sql("UPDATE session SET roles = 0");
    assert_int_equal(site_get("/t/staff").status, 403);
    /* A firm has no roles, and needs none. */
    site_log_in("/t/login/5");
    assert_int_equal(site_get("/t/both/one").status, 200);
    assert_int_equal(site_post("/t/do", "name=name").status, 403);
    assert_int_equal(site_things(), 1);
}

static void ends_sessions_of_staff_by_their_own_limits(void **state)
{
    (void)state;
    site_log_in("/t/login/100");
    assert_int_equal(fake_number("SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) FROM session"),
                     fake_web.staff_absolute_s);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 599 SECOND");
    assert_int_equal(site_get("/t/staff").status, 200);
    fake_sql("UPDATE session SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 601 SECOND");
    assert_int_equal(site_get("/t/staff").status, 303);
}

static void logs_out(void **state)
{
    char other[sizeof(site_cookie)];

    (void)state;
    struct fake_response response = site_post("/t/logout", "");
    assert_int_equal(response.status, 303);
    assert_non_null(strstr(fake_header(&response, "Set-Cookie"), "__Host-ecert=; Max-Age=0;"));
    assert_int_equal(site_get("/t/").status, 303);

    site_cookie[0] = '\0';
    site_log_in("/t/login/5");
    memcpy(other, site_cookie, sizeof(other));
    site_cookie[0] = '\0';
    site_log_in("/t/login/5");
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 2);
    assert_int_equal(site_post("/t/logout/all", "").status, 303);
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 0);
    memcpy(site_cookie, other, sizeof(other));
    assert_int_equal(site_get("/t/").status, 303);
}

static void forgets_a_login_that_failed(void **state)
{
    (void)state;
    site_cookie[0] = '\0';
    fake_sql("DELETE FROM session");
    site_mode = MODE_FAIL;
    struct fake_response response = site_get("/t/login/5");
    assert_int_equal(response.status, 500);
    assert_null(fake_header(&response, "Set-Cookie"));
    assert_null(strstr(response.body, "公司"));
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session"), 0);
}

/* Once a minute, and so it is the first login of all here: nobody sets it up. */
static void purges_at_login(void **state)
{
    (void)state;
    fake_sql("INSERT INTO session SELECT UNHEX(SHA2(seq, 256)), 1, 5, 'x', '2020-01-01', '2020-01-01',"
             " '2020-01-02', 0 FROM seq_1_to_150");
    site_log_in("/t/login/5");
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session WHERE expires_at < '2021-01-01'"), 50);
    site_log_in("/t/login/5");
    assert_int_equal(fake_number("SELECT COUNT(*) FROM session WHERE expires_at < '2021-01-01'"), 50);
    fake_sql("DELETE FROM session WHERE expires_at < '2021-01-01'");
}

/* A ticket's address, and the cookie of the browser it was made for. */
static void take_ticket(char target[128])
{
    struct fake_response response = site_get("/t/ticket");
    const char *value = fake_header(&response, "Set-Cookie");

    assert_int_equal(response.status, 200);
    assert_non_null(strstr(value, "; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"));
    snprintf(site_cookie, sizeof(site_cookie), "%.*s", (int)strcspn(value, ";"), value);
    snprintf(target, 128, "/t/ticket/%s", response.body);
}

static void redeems_tickets_once(void **state)
{
    char target[128];

    (void)state;
    take_ticket(target);
    struct fake_response response = site_get(target);
    assert_string_equal(response.body, "1 7 票");
    assert_string_equal(fake_header(&response, "Set-Cookie"), "__Host-ecert-login=; Max-Age=0;"
                                                              " Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_int_equal(site_get(target).status, 403);
    take_ticket(target);
    fake_sql("UPDATE login_ticket SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
    assert_int_equal(site_get(target).status, 403);
    assert_int_equal(site_get("/t/ticket/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status, 403);
}

/* Whoever is sent a ticket's address is not logged in as the one who sent it. */
static void redeems_tickets_in_their_browser_only(void **state)
{
    char target[128], other[128], own_cookie[sizeof(site_cookie)];

    (void)state;
    take_ticket(target);
    memcpy(own_cookie, site_cookie, sizeof(own_cookie));
    site_cookie[0] = '\0';
    assert_int_equal(site_get(target).status, 403);
    take_ticket(other);
    assert_int_equal(site_get(target).status, 403);
    memcpy(site_cookie, own_cookie, sizeof(site_cookie));
    assert_int_equal(site_get(other).status, 403);
    assert_string_equal(site_get(target).body, "1 7 票");
}

/* Half a login */

static void keeps_half_a_login_in_its_browser(void **state)
{
    char half[sizeof(site_cookie)];

    (void)state;
    site_cookie[0] = '\0';
    assert_int_equal(site_get("/t/half").status, 404);
    struct fake_response response = site_get("/t/half/100");
    const char *value = fake_header(&response, "Set-Cookie");
    assert_non_null(strstr(value, "__Host-ecert-login="));
    assert_non_null(strstr(value, "; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax"));
    snprintf(half, sizeof(half), "%.*s", (int)strcspn(value, ";"), value);
    assert_int_equal(site_get("/t/half").status, 404);
    memcpy(site_cookie, half, sizeof(half));
    /* As often as it is looked at; it opens nothing. */
    assert_string_equal(site_get("/t/half").body, "2 100 半");
    assert_string_equal(site_get("/t/half").body, "2 100 半");
    assert_int_equal(site_get("/t/staff").status, 303);
    response = site_get("/t/half/close");
    assert_string_equal(response.body, "was (null)");
    assert_non_null(strstr(response.head, "__Host-ecert-login=; Max-Age=0;"));
    assert_non_null(strstr(response.head, "__Host-ecert-browser="));
    assert_non_null(strstr(response.head, "; Max-Age=15552000; Path=/; Secure; HttpOnly"));
    assert_int_equal(site_get("/t/half").status, 404);
    assert_int_equal(site_get("/t/half/close").status, 403);
}

static void ends_half_a_login_when_it_is_late(void **state)
{
    (void)state;
    struct fake_response response = site_get("/t/half/100");
    const char *value = fake_header(&response, "Set-Cookie");
    snprintf(site_cookie, sizeof(site_cookie), "%.*s", (int)strcspn(value, ";"), value);
    assert_int_equal(site_get("/t/half").status, 200);
    fake_sql("UPDATE login_ticket SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
    assert_int_equal(site_get("/t/half").status, 404);
    assert_int_equal(site_get("/t/half/close").status, 403);
}

static void knows_browsers_by_whole_tokens(void **state)
{
    static const char *const cookies[] = {"short", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!!"};

    (void)state;
    for (size_t i = 0; i <= sizeof(cookies) / sizeof(cookies[0]); i++) {
        struct fake_response response = site_get("/t/half/100");
        const char *value = fake_header(&response, "Set-Cookie");
        const char *cookie = i < 3 ? cookies[i] : "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        snprintf(site_cookie, sizeof(site_cookie), "%.*s; __Host-ecert-browser=%s",
                 (int)strcspn(value, ";"), value, cookie);
        response = site_get("/t/half/close");
        assert_int_equal(response.status, 200);
        assert_string_equal(response.body + 4, i < 3 ? "(null)" : cookie);
    }
}

/* Challenges */

/* Takes the cookie along as a browser does. */
static void take_challenge(char target[128])
{
    struct fake_response response = site_get("/t/challenge");
    const char *value = fake_header(&response, "Set-Cookie");

    assert_int_equal(response.status, 200);
    assert_int_equal(strlen(response.body), 43);
    snprintf(target, 128, "/t/challenge/%s", response.body);
    assert_non_null(strstr(value, "__Host-ecert-login="));
    snprintf(site_cookie, sizeof(site_cookie), "%.*s", (int)strcspn(value, ";"), value);
}

static void lets_challenges_of_a_browser_stand_side_by_side(void **state)
{
    char one[128], two[128], own[sizeof(site_cookie)];

    (void)state;
    site_cookie[0] = '\0';
    take_challenge(one);
    memcpy(own, site_cookie, sizeof(own));
    take_challenge(two);
    assert_string_not_equal(one, two);
    assert_string_equal(site_get(two).body, "good");
    assert_string_equal(site_get(one).body, "good");
    /* Each of them once. */
    assert_string_equal(site_get(one).body, "used");
    assert_string_equal(site_get(two).body, "used");
    /* Another browser's is none. */
    take_challenge(one);
    site_cookie[0] = '\0';
    assert_string_equal(site_get(one).body, "none");
    take_challenge(two);
    assert_string_not_equal(site_cookie, own);
    assert_string_equal(site_get(one).body, "none");
}

/* A challenge in another tab leaves half a login as it is, and for as long. */
static void leaves_half_a_login_where_a_challenge_begins(void **state)
{
    char target[128];

    (void)state;
    struct fake_response response = site_get("/t/half/100");
    const char *value = fake_header(&response, "Set-Cookie");
    snprintf(site_cookie, sizeof(site_cookie), "%.*s", (int)strcspn(value, ";"), value);
    response = site_get("/t/challenge");
    assert_non_null(strstr(fake_header(&response, "Set-Cookie"), "; Max-Age=600; "));
    take_challenge(target);
    assert_string_equal(site_get("/t/half").body, "2 100 半");
    assert_string_equal(site_get(target).body, "good");
    assert_string_equal(site_get("/t/half").body, "2 100 半");
}

/* A cookie that we have not made is not taken on. */
static void takes_no_secret_that_is_none(void **state)
{
    static const char *const cookies[] = {"short", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!!"};

    (void)state;
    for (size_t i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++) {
        char target[128];

        snprintf(site_cookie, sizeof(site_cookie), "__Host-ecert-login=%s", cookies[i]);
        take_challenge(target);
        assert_int_equal(strlen(site_cookie), strlen("__Host-ecert-login=") + 43);
        assert_string_equal(site_get(target).body, "good");
    }
}

/* What an authenticator signs */

static void take_nonce(char target[128])
{
    struct fake_response response = site_get("/t/nonce");

    assert_int_equal(response.status, 200);
    assert_null(fake_header(&response, "Set-Cookie"));
    assert_int_equal(strlen(response.body), 43);
    snprintf(target, 128, "/t/nonce/%s", response.body);
}

static void redeems_nonces_once_where_they_were_made(void **state)
{
    char target[128], own[sizeof(site_cookie)];

    (void)state;
    memcpy(own, site_cookie, sizeof(own));
    take_nonce(target);
    site_cookie[0] = '\0';
    assert_int_equal(site_get(target).status, 403);
    assert_int_equal(site_get("/t/nonce").status, 404);
    site_log_in("/t/login/6");
    assert_int_equal(site_get(target).status, 403);
    memcpy(site_cookie, own, sizeof(own));
    assert_string_equal(site_get(target).body, "good");
    assert_int_equal(site_get(target).status, 403);
    take_nonce(target);
    fake_sql("UPDATE login_ticket SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
    assert_int_equal(site_get(target).status, 403);
    /* By half a login, and for that browser only; a nonce is no ticket. */
    struct fake_response response = site_get("/t/half/100");
    const char *value = fake_header(&response, "Set-Cookie");
    snprintf(site_cookie, sizeof(site_cookie), "%.*s", (int)strcspn(value, ";"), value);
    take_nonce(target);
    char ticket[160];
    snprintf(ticket, sizeof(ticket), "/t/ticket/%s", target + strlen("/t/nonce/"));
    assert_int_equal(site_get(ticket).status, 403);
    assert_string_equal(site_get(target).body, "good");
    assert_int_equal(site_get("/t/half").status, 200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, site_set_up)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(purges_at_login),
        TEST(costs_one_look_up),
        TEST(believes_no_claim),
        TEST(ends_late_sessions),
        TEST(writes_seen_once_a_minute),
        TEST(rotates_at_login),
        TEST(writes_tokens_anew),
        TEST(keeps_roles_apart),
        TEST(asks_for_one_of_the_roles),
        TEST(ends_sessions_of_staff_by_their_own_limits),
        TEST(logs_out),
        TEST(forgets_a_login_that_failed),
        TEST(redeems_tickets_once),
        TEST(redeems_nonces_once_where_they_were_made),
        TEST(keeps_half_a_login_in_its_browser),
        TEST(lets_challenges_of_a_browser_stand_side_by_side),
        TEST(leaves_half_a_login_where_a_challenge_begins),
        TEST(takes_no_secret_that_is_none),
        TEST(ends_half_a_login_when_it_is_late),
        TEST(knows_browsers_by_whole_tokens),
        TEST(redeems_tickets_in_their_browser_only),
    };

    if (!site_open("ecert_session"))
        return 77;
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    fake_close();
    return result;
}
