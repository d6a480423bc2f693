// Node judges the other side.
//
//     judge.js client CASES PORTS
//     judge.js server CASES CHAIN KEY
//
// As judge.py does. A client takes its host as kafkajs does: as the server name, unless it is an address.

const fs = require("fs");
const net = require("net");
const tls = require("tls");

const [role, file, ...rest] = process.argv.slice(2);
const lines = (path) => fs.readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
const cases = lines(file).map((line) => {
  const [name, host, , , , anchors] = line.split("\t");
  return { name, host, anchors };
});
const one_line = (text) => String(text).split(/\s+/).join(" ");

function judge_server({ host, anchors }, port) {
  return new Promise((resolve) => {
    try {
      const socket = net.connect(port, "127.0.0.1");
      const ca = fs.readFileSync(anchors);
      const servername = net.isIP(host) ? {} : { servername: host };
      const judge = tls.connect({ socket, host, ca, ...servername }, () => {
        judge.write("x");
        judge.end();
        resolve("");
      });
      judge.on("error", (error) => resolve(error.message));
      judge.on("close", () => resolve("closed"));
    } catch (error) {
      resolve(error.message);
    }
  });
}

// A server that refuses only hangs up. What it would refuse, and why, is what it says when it does not.
function judge_client({ anchors }, own) {
  let done;
  const verdict = new Promise((resolve) => (done = resolve));
  const server = tls.createServer({ ...own, ca: fs.readFileSync(anchors), requestCert: true, rejectUnauthorized: false });
  const end = (message) => {
    done(message);
    server.close();
  };
  server.on("secureConnection", (socket) => {
    socket.on("error", () => {});
    end(socket.authorized ? "" : socket.authorizationError);
    socket.end();
  });
  server.on("tlsClientError", (error) => end(error.message));
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({ port: server.address().port, verdict })));
}

async function main() {
  if (role === "client") {
    const ports = Object.fromEntries(lines(rest[0]).map((line) => line.split("\t")));
    for (const one of cases) {
      console.log(`${one.name}\t${one_line(await judge_server(one, Number(ports[one.name])))}`);
    }
    return;
  }
  const own = { cert: fs.readFileSync(rest[0]), key: fs.readFileSync(rest[1]) };
  const servers = [];
  for (const one of cases) {
    servers.push(await judge_client(one, own));
  }
  console.log(servers.map(({ port }, at) => `${cases[at].name}\t${port}\n`).join(""));
  for (const [at, { verdict }] of servers.entries()) {
    console.log(`${cases[at].name}\t${one_line(await verdict)}`);
  }
}

main();
