CREATE TABLE education (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    record_no     VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    person_id     BIGINT UNSIGNED NOT NULL,
    enterprise_id BIGINT UNSIGNED NOT NULL,
    class         ENUM('A', 'B', 'C1', 'C2', 'C3') NOT NULL,
    hours         SMALLINT UNSIGNED NOT NULL,
    completed_on  DATE NOT NULL,
    provider      VARCHAR(128) NOT NULL DEFAULT '',
    created_at    DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY education_record (record_no),
    KEY education_person (person_id, class, completed_on)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
