<?php
// The query page, written by hand for PHP-FPM: the same two statements, the same bytes. The
// constants and the page itself are in page.php, made from the page it is compared with.
declare(strict_types=1);
require __DIR__ . '/page.php';

function text(mixed $value): string
{
    return htmlspecialchars((string) $value, ENT_QUOTES, 'UTF-8');
}

$secret = base64_decode(strtr(strtok($_COOKIE['__Host-ecert'] ?? '', '.') ?: '', '-_', '+/'), true);
if ($secret === false || strlen($secret) !== 32) {
    http_response_code(403);
    exit;
}
$db = new PDO('mysql:unix_socket=' . DB_SOCKET . ';dbname=' . DB_SCHEMA . ';charset=utf8mb4', 'root', '', [
    PDO::ATTR_PERSISTENT => true,
    PDO::ATTR_EMULATE_PREPARES => false,
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_NUM,
]);
$find = $db->prepare(SESSION_SQL);
$find->execute([hash('sha256', $secret, true)]);
$session = $find->fetch();
$find->closeCursor();
if ($session === false || $session[4] <= gmdate('Y-m-d H:i:s')
    || $session[3] <= gmdate('Y-m-d H:i:s', time() - 1800)) {
    http_response_code(403);
    exit;
}
$list = $db->prepare(LIST_SQL);
$list->bindValue(1, (int) $session[1], PDO::PARAM_INT);
$list->bindValue(2, PHP_INT_MAX, PDO::PARAM_INT);
$list->bindValue(3, 21, PDO::PARAM_INT);
$list->execute();
$rows = array_slice($list->fetchAll(), 0, 20);

$mask = random_bytes(32);
$token = $mask . ($mask ^ hash_hmac('sha256', 'csrf', $secret, true));

page_headers();
page($session, $rows, rtrim(strtr(base64_encode($token), '+/', '-_'), '='));
