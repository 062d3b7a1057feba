<?php
// GET /user.php?id= as it is commonly written: PDO, a persistent connection,
// SUM ... GROUP BY type over the table of transactions.
$pdo = new PDO('sqlite:' . getenv('UBAL_BENCH_DB'), null, null, [
    PDO::ATTR_PERSISTENT => true,
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
]);
$query = $pdo->prepare('SELECT type, SUM(amount) AS total FROM transactions'
    . ' WHERE user_id = ? GROUP BY type');
$query->execute([$_GET['id']]);
$sums = ['earned' => 0, 'spent' => 0, 'payout' => 0, 'paid_out' => 0];
foreach ($query as $row) {
    $sums[$row['type']] = $row['total'];
}
header('Content-Type: application/json');
echo json_encode([
    'userId' => $_GET['id'],
    'balance' => $sums['earned'] - $sums['spent'] - $sums['paid_out'],
] + $sums);
