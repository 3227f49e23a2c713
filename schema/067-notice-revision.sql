CREATE TABLE notice_revision (
    notice_id   BIGINT UNSIGNED NOT NULL,
    revision    SMALLINT UNSIGNED NOT NULL,
    title       VARCHAR(100) NOT NULL,
    body        VARCHAR(4000) NOT NULL,
    important   BOOLEAN NOT NULL,
    valid_from  DATETIME(3) NOT NULL,
    valid_until DATETIME(3) NOT NULL,
    written_by  BIGINT UNSIGNED NOT NULL COMMENT 'staff.id',
    written_at  DATETIME(3) NOT NULL,
    PRIMARY KEY (notice_id, revision),
    CONSTRAINT notice_revision_notice FOREIGN KEY (notice_id) REFERENCES notice (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = 'every wording a notice ever had'
