// Whether the database can write; makes the replica set of one at first. Run by the health check as
// `mongosh --quiet --nodb --file`, so that no password stands in a list of processes.
const password = require('fs').readFileSync('/run/secrets/mongo-admin', 'utf8').trim();
const where = `mongodb://tandem-admin:${encodeURIComponent(password)}@127.0.0.1:27017/admin?directConnection=true`;
const database = connect(where);
if (!database.hello().setName) {
  database.adminCommand({ replSetInitiate: { _id: 'tandem', members: [{ _id: 0, host: 'mongodb:27017' }] } });
}
quit(database.hello().isWritablePrimary ? 0 : 1);
