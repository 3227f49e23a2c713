CREATE TABLE audit_event (
    chain       TINYINT UNSIGNED NOT NULL,
    sequence    BIGINT UNSIGNED NOT NULL COMMENT 'from 1, without a gap',
    happened_at DATETIME(3) NOT NULL,
    actor_kind  TINYINT UNSIGNED NOT NULL COMMENT '0 nobody, 1 firm, 2 staff, 3 the system, 4 operator',
    actor_id    BIGINT UNSIGNED NOT NULL,
    action      VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_id   BIGINT UNSIGNED NOT NULL,
    matter_id   BIGINT UNSIGNED NOT NULL DEFAULT 0,
    request     VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    detail      VARCHAR(2048) NOT NULL DEFAULT '' COMMENT 'JSON without personal data',
    hash        BINARY(32) NOT NULL COMMENT 'keyed hash over the previous hash and all columns before',
    PRIMARY KEY (chain, sequence),
    KEY audit_event_object (object_kind, object_id, happened_at),
    KEY audit_event_time (happened_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
