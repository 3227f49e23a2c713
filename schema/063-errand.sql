CREATE TABLE errand (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    kind       ENUM('audit', 'statistics') NOT NULL,
    state      ENUM('waiting', 'done', 'failed') NOT NULL,
    step       SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many of its steps are done',
    attempts   SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the present step',
    run_at     DATETIME(3) NOT NULL COMMENT 'not before; under a lease its end',
    actor_kind TINYINT UNSIGNED NOT NULL COMMENT 'who ordered it: 2 staff, 4 operator',
    actor_id   BIGINT UNSIGNED NOT NULL,
    ordered_at DATETIME(3) NOT NULL,
    ended_at   DATETIME(3) NULL,
    counted    BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'events read, figures counted',
    faults     BIGINT UNSIGNED NOT NULL DEFAULT 0,
    report     VARCHAR(4096) NOT NULL DEFAULT '' COMMENT 'the first faults, one a line; English',
    PRIMARY KEY (id),
    KEY errand_queue (state, run_at, id),
    KEY errand_kind (kind, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'long work on the whole register, step by step'
