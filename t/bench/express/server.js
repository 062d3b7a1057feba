// GET /user/{id} as it is commonly written: Express, a Sequelize model over
// the table of transactions, SUM ... GROUP BY type. node server.js DB PORT
'use strict';

const express = require('express');
const { Sequelize, DataTypes } = require('sequelize');

const [file, port] = process.argv.slice(2);
const sequelize = new Sequelize({
    dialect: 'sqlite',
    storage: file,
    logging: false,
    dialectOptions: { mode: 1 }, // read only
});
const Transaction = sequelize.define('Transaction', {
    id: { type: DataTypes.STRING, primaryKey: true },
    userId: { type: DataTypes.STRING, field: 'user_id' },
    type: DataTypes.STRING,
    amount: DataTypes.DECIMAL(12, 2),
}, { tableName: 'transactions', timestamps: false });

const app = express();

app.get('/user/:id', async (req, res) => {
    const rows = await Transaction.findAll({
        attributes: ['type', [sequelize.fn('SUM', sequelize.col('amount')),
                              'total']],
        where: { userId: req.params.id },
        group: ['type'],
        raw: true,
    });
    const sums = { earned: 0, spent: 0, payout: 0, paid_out: 0 };
    for (const row of rows) {
        sums[row.type] = row.total;
    }
    res.json({
        userId: req.params.id,
        balance: sums.earned - sums.spent - sums.paid_out,
        earned: sums.earned,
        spent: sums.spent,
        paid_out: sums.paid_out,
        payout: sums.payout,
    });
});

app.listen(Number(port), '127.0.0.1');
