/* White ground: what passes for it, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/scan/ground.h"

enum { WIDTH = 295, HEIGHT = 413 };

struct colour {
    uint8_t red, green, blue;
};

/* A picture of one ground at the left and right, and something dark in the middle. */
struct scene {
    const char *name;
    struct colour left, right;
    unsigned noise;         /* added and taken away in turns */
    unsigned shadow_from;   /* rows from here on are this much darker at the left; 0: none */
    unsigned shadow;
    enum scan_fault fault;
};

static uint8_t bent(unsigned value, int by)
{
    int bent = (int)value + by;

    return (uint8_t)(bent < 0 ? 0 : bent > 255 ? 255 : bent);
}

static void paint(const struct scene *scene, unsigned y, uint8_t *row)
{
    for (unsigned x = 0; x < WIDTH; x++) {
        struct colour c = x < WIDTH / 2 ? scene->left : scene->right;
        int by = (x + y) % 2 ? (int)scene->noise : -(int)scene->noise;

        if (scene->shadow_from && y >= scene->shadow_from && x < WIDTH / 2)
            by -= (int)scene->shadow;
        if (x > WIDTH / 4 && x < 3 * WIDTH / 4 && y > HEIGHT / 6)
            c = (struct colour){60, 40, 30};
        row[3 * x] = bent(c.red, by);
        row[3 * x + 1] = bent(c.green, by);
        row[3 * x + 2] = bent(c.blue, by);
    }
}

static void test_scenes(void **state)
{
    static const struct scene rows[] = {
        {"white", {255, 255, 255}, {255, 255, 255}, 0, 0, 0, SCAN_GOOD},
        {"a camera's white", {238, 236, 232}, {230, 229, 226}, 6, 0, 0, SCAN_GOOD},
        {"light grey", {222, 222, 222}, {222, 222, 222}, 4, 0, 0, SCAN_GOOD},
        {"grey", {190, 190, 190}, {190, 190, 190}, 0, 0, 0, SCAN_DARK},
        {"black", {10, 10, 10}, {10, 10, 10}, 0, 0, 0, SCAN_DARK},
        {"blue", {67, 142, 219}, {67, 142, 219}, 0, 0, 0, SCAN_TINTED},
        {"light blue", {210, 225, 250}, {210, 225, 250}, 0, 0, 0, SCAN_TINTED},
        {"red", {200, 20, 30}, {200, 20, 30}, 0, 0, 0, SCAN_TINTED},
        {"yellow wall", {240, 230, 190}, {240, 230, 190}, 0, 0, 0, SCAN_TINTED},
        {"one side dark", {250, 250, 250}, {200, 200, 200}, 0, 0, 0, SCAN_UNEVEN},
        {"a pattern", {225, 225, 225}, {225, 225, 225}, 30, 0, 0, SCAN_UNEVEN},
        {"a shadow", {250, 250, 250}, {250, 250, 250}, 0, 60, 90, SCAN_UNEVEN},
    };
    uint8_t row[WIDTH * 3];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ground ground = {0};
        enum scan_fault fault;

        for (unsigned y = 0; y < HEIGHT; y++) {
            paint(&rows[i], y, row);
            ground_row(&ground, y, (struct jpeg_size){WIDTH, HEIGHT}, row, 3);
        }
        fault = ground_judge(&ground);
        if (fault != rows[i].fault)
            fail_msg("%s: %s", rows[i].name, scan_fault_name(fault));
    }
}

/* What stands below the shoulders, or in the middle, is no ground. */
static void test_shoulders(void **state)
{
    struct ground ground = {0};
    uint8_t row[WIDTH];

    (void)state;
    for (unsigned y = 0; y < HEIGHT; y++) {
        memset(row, y > HEIGHT * 55 / 100 ? 20 : 250, sizeof(row));
        ground_row(&ground, y, (struct jpeg_size){WIDTH, HEIGHT}, row, 1);
    }
    assert_int_equal(ground_judge(&ground), SCAN_GOOD);
}

static void test_nothing_seen(void **state)
{
    struct ground ground = {0};

    (void)state;
    assert_int_equal(ground_judge(&ground), SCAN_SMALL);
    ground_row(&ground, 0, (struct jpeg_size){0, 0}, NULL, 3);
    assert_int_equal(ground_judge(&ground), SCAN_SMALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_shoulders),
        cmocka_unit_test(test_nothing_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
