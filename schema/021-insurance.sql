CREATE TABLE insurance (
    person_id     BIGINT UNSIGNED NOT NULL,
    enterprise_id BIGINT UNSIGNED NOT NULL,
    month         DATE NOT NULL COMMENT 'its first day',
    created_at    DATETIME(3) NOT NULL,
    PRIMARY KEY (person_id, enterprise_id, month)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
