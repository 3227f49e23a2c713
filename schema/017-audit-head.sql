CREATE TABLE audit_head (
    chain    TINYINT UNSIGNED NOT NULL,
    sequence BIGINT UNSIGNED NOT NULL COMMENT 'of the last event; 0 for an empty chain',
    hash     BINARY(32) NOT NULL COMMENT 'of the last event',
    mac      BINARY(32) NOT NULL COMMENT 'keyed hash over chain, sequence and hash',
    PRIMARY KEY (chain)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
