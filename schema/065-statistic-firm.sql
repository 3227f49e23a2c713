CREATE TABLE statistic_firm (
    enterprise_id BIGINT UNSIGNED NOT NULL,
    valid         INT UNSIGNED NOT NULL COMMENT 'certificates in force',
    expiring      INT UNSIGNED NOT NULL COMMENT 'of these, within the renewal window',
    other         INT UNSIGNED NOT NULL COMMENT 'certificates in any other state',
    PRIMARY KEY (enterprise_id),
    KEY statistic_firm_valid (valid, enterprise_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'certificates by firm as they were counted last'
