CREATE TABLE login_delay (
    kind       TINYINT UNSIGNED NOT NULL COMMENT '1 login name, 2 address, 3 known browser, 4 second factor',
    key_hash   BINARY(32) NOT NULL COMMENT 'keyed hash of it',
    failures   INT UNSIGNED NOT NULL,
    tried_at   DATETIME(3) NOT NULL,
    until_at   DATETIME(3) NOT NULL COMMENT 'nothing is tried before',
    PRIMARY KEY (kind, key_hash),
    KEY login_delay_tried (tried_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
