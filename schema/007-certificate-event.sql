CREATE TABLE certificate_event (
    id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    certificate_id BIGINT UNSIGNED NOT NULL,
    version        SMALLINT UNSIGNED NOT NULL,
    action         VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    from_state     CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
    to_state       CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    enterprise_id  BIGINT UNSIGNED NOT NULL COMMENT 'the holder''s firm after it',
    reason_code    VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason_text    VARCHAR(512) NULL,
    matter_id      BIGINT UNSIGNED NULL,
    actor_kind     TINYINT UNSIGNED NOT NULL COMMENT '1 firm, 2 staff, 3 the system',
    actor_id       BIGINT UNSIGNED NOT NULL,
    happened_at    DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY certificate_event_certificate (certificate_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
