CREATE TABLE notice (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    revision    SMALLINT UNSIGNED NOT NULL COMMENT 'the one that counts (notice_revision)',
    title       VARCHAR(100) NOT NULL,
    body        VARCHAR(4000) NOT NULL COMMENT 'plain text; an empty line parts paragraphs',
    important   BOOLEAN NOT NULL,
    valid_from  DATETIME(3) NOT NULL,
    valid_until DATETIME(3) NOT NULL COMMENT 'not shown any more from then on',
    ended_by    BIGINT UNSIGNED NULL COMMENT 'staff.id; ended before its time',
    PRIMARY KEY (id),
    KEY notice_valid (valid_until, valid_from)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
    COMMENT = '公告: to all firms, while valid'
