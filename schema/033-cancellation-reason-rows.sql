INSERT INTO cancellation_reason (code, label, needs_text, moves, position)
VALUES ('01', '已与聘用企业解除聘用合同关系', FALSE, TRUE, 1),
       ('02', '不再从事安全生产管理工作', FALSE, FALSE, 2),
       ('03', '持证人死亡或不具有完全民事行为能力', FALSE, FALSE, 3),
       ('04', '聘用企业破产、被吊销营业执照或资质', FALSE, FALSE, 4),
       ('99', '其他', TRUE, FALSE, 9)
