CREATE TABLE hold (
    subject_kind ENUM('person', 'enterprise') NOT NULL,
    subject_id   BIGINT UNSIGNED NOT NULL,
    matter_id    BIGINT UNSIGNED NOT NULL COMMENT 'that placed it',
    number       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of this matter',
    legal_basis  VARCHAR(120) NOT NULL,
    reason       VARCHAR(300) NOT NULL,
    period_from  DATE NOT NULL,
    period_until DATE NULL COMMENT 'its last day; NULL: until it is released',
    placed_at    DATETIME(3) NOT NULL,
    PRIMARY KEY (subject_kind, subject_id),
    UNIQUE KEY hold_matter (matter_id),
    CONSTRAINT hold_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = '锁定: persons and firms nothing is done for; gone once it is released'
