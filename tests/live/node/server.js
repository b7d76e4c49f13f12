// SPDX-License-Identifier: GPL-2.0-or-later
//
// The smtp-server (of Nodemailer) of the diagnosis live test, on the ports of diagnosis_servers.py.
//
// usage: node server.js ADDRESS CERTIFICATE KEY USER PASSWORD     (NODE_PATH has smtp-server)
'use strict';

const fs = require('fs');
const { SMTPServer } = require('smtp-server');

const [address, certificate, key, user, password] = process.argv.slice(2);

function refusal(code, text) {
  return Object.assign(new Error(text), { responseCode: code });
}

const common = {
  name: 'node.example.test',
  cert: fs.readFileSync(certificate),
  key: fs.readFileSync(key),
  size: 32 * 1024 * 1024,
  disableReverseLookup: true,
  authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],

  onAuth(auth, session, done) {
    const right = auth.method === 'CRAM-MD5' ? auth.validatePassword(password)
      : auth.password === password;
    if (auth.username === user && right) return done(null, { user });
    return done(refusal(535, 'Invalid username or password'));
  },

  onRcptTo(recipient, session, done) {
    done(recipient.address.startsWith('nouser@') ? refusal(550, 'No such user here') : null);
  },

  onData(stream, session, done) {
    stream.resume();
    stream.on('end', () => done(null, 'Message queued'));
  },
};

const listeners = {
  25: { authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'] },
  587: {},
  465: { secure: true },
};

for (const [port, options] of Object.entries(listeners)) {
  const server = new SMTPServer({ ...common, ...options });
  // A client that breaks off is part of the test.
  server.on('error', (error) => console.error(error.message));
  server.listen(Number(port), address);
}
