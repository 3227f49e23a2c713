CREATE TABLE cancellation_reason (
    code       VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    label      VARCHAR(64) NOT NULL,
    needs_text BOOLEAN NOT NULL COMMENT '须说明',
    moves      BOOLEAN NOT NULL COMMENT 'leaves the certificate open to a transfer (R15)',
    position   TINYINT UNSIGNED NOT NULL,
    retired    BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'no longer offered',
    PRIMARY KEY (code)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
