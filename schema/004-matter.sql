CREATE TABLE matter (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    item          ENUM('exchange', 'apply', 'renew', 'transfer', 'rename', 'cancel', 'departure',
                       'name_change', 'sanction', 'correction') NOT NULL,
    opened_on     DATE NOT NULL COMMENT 'business date, part of the matter number',
    enterprise_id BIGINT UNSIGNED NULL,
    parent_id     BIGINT UNSIGNED NULL,
    state         ENUM('open', 'done', 'refused', 'abandoned') NOT NULL,
    items         INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'certificates it concerns',
    opened_by_kind TINYINT UNSIGNED NOT NULL COMMENT '1 firm, 2 staff, 3 the system',
    opened_by_id  BIGINT UNSIGNED NOT NULL DEFAULT 0,
    opened_at     DATETIME(3) NOT NULL,
    closed_at     DATETIME(3) NULL,
    PRIMARY KEY (id),
    KEY matter_enterprise (enterprise_id, item, id),
    KEY matter_parent (parent_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
