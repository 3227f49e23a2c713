CREATE TABLE proposal_object (
    object_kind ENUM('person', 'enterprise', 'certificate') NOT NULL,
    object_id   BIGINT UNSIGNED NOT NULL,
    kind        VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the proposal',
    matter_id   BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (object_kind, object_id, kind),
    KEY proposal_object_matter (matter_id),
    CONSTRAINT proposal_object_proposal FOREIGN KEY (matter_id) REFERENCES proposal (matter_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'what waiting proposals are about: one of a kind for each'
