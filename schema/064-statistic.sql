CREATE TABLE statistic (
    figure    VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    bucket    VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'month, day, class, item …',
    part      VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'state, action, rule …',
    value     BIGINT UNSIGNED NOT NULL,
    median_ms BIGINT UNSIGNED NULL COMMENT 'of durations: half of them took no longer',
    p90_ms    BIGINT UNSIGNED NULL COMMENT 'nine of ten took no longer',
    PRIMARY KEY (figure, bucket, part)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'figures as they were counted last'
