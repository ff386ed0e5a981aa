// A whole AT Protocol network of its makers' own servers: PLC directory, PDS, AppView (and what they need), on 127.0.0.1 only.
// Environment: DB_POSTGRES_URL, REDIS_HOST (host:port), REDIS_PASSWORD, PLC_PORT, PDS_PORT.
// Prints one JSON line when ready; ends when its standard input closes, so that nothing outlives the tests.
import net from 'node:net'

// They listen on every interface unless told otherwise, and take no host.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (typeof args[0] === 'number' && typeof args[1] !== 'string') args.splice(1, 0, '127.0.0.1')
  else if (args[0] && typeof args[0] === 'object' && args[0].port !== undefined) args[0] = { ...args[0], host: '127.0.0.1' }
  return listen.apply(this, args)
}

const { TestNetwork } = await import('@atproto/dev-env')

const network = await TestNetwork.create({
  dbPostgresSchema: 'network',
  plc: { port: Number(process.env.PLC_PORT) },
  pds: { port: Number(process.env.PDS_PORT) },
  bsky: { redisHost: process.env.REDIS_HOST, redisPassword: process.env.REDIS_PASSWORD },
})
console.log(JSON.stringify({ plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
