CREATE TABLE person_change (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    person_id   BIGINT UNSIGNED NOT NULL,
    field       ENUM('name', 'sex', 'birth', 'education', 'technical_title', 'phone', 'document') NOT NULL,
    before_text VARCHAR(64) NULL COMMENT 'NULL: sealed, in the proposal alone',
    after_text  VARCHAR(64) NULL,
    matter_id   BIGINT UNSIGNED NOT NULL COMMENT 'the proposal',
    changed_at  DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY person_change_person (person_id, field),
    CONSTRAINT person_change_matter FOREIGN KEY (matter_id) REFERENCES matter (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what two people of staff decided about a person: no import takes it back'
