CREATE TABLE exam_result (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    exam_no       VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    person_id     BIGINT UNSIGNED NOT NULL,
    enterprise_id BIGINT UNSIGNED NOT NULL,
    class         ENUM('A', 'B', 'C1', 'C2', 'C3') NOT NULL,
    post          CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    exam_date     DATE NOT NULL,
    score         SMALLINT UNSIGNED NOT NULL,
    passed        BOOLEAN NOT NULL,
    certificate_id BIGINT UNSIGNED NULL COMMENT 'R4: one exam makes one certificate',
    created_at    DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY exam_result_no (exam_no),
    UNIQUE KEY exam_result_used (certificate_id),
    KEY exam_result_person (person_id, class, exam_date)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
