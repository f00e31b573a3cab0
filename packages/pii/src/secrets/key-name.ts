/** How much a name says about what stands under it: a password whatever it looks like, a key if it looks like one. */
export type KeyStrength = 'secret' | 'key' | 'none';

const secret =
  /(?<![a-z])(?:pass ?(?:word|wd|phrase|code|wort)s?|(?:(?:^ )|db|database|user|usr|mysql|root|admin|smtp|mail|email|ftp|ssh|pg|sql|redis|login|my|auth|proxy|app) ?pass|\w*passwords?|\w*passwd|\w*passphrase|pwd|pw|psw|mdp|mot de passe|contrasena|senha|haslo|wachtwoord|losenord|passwort|kennwort|secrets?|\w*secret|api ?keys?|\w*apikey|app ?keys?|application ?key|secret ?(?:access ?)?keys?|access ?keys?|\w*accesskey|private ?keys?|secret ?key ?base|signing ?keys?|encryption ?keys?|encryption ?secret|master ?keys?|account ?key|storage ?key|shared ?(?:access )?key|auth ?keys?|license ?keys?|subscription ?key|server ?key|consumer ?(?:secret|key)|client ?secret|\w*clientsecret|access ?tokens?|refresh ?tokens?|auth ?tokens?|id ?tokens?|bearer ?tokens?|api ?tokens?|bot ?tokens?|session ?(?:tokens?|secret|key)|csrf ?tokens?|secret ?tokens?|\w+ ?tokens?|tokens?|credentials?|creds?|otp|pin ?code|pin|cvv|cvc|cvv2|security ?code|seed ?phrase|mnemonic|recovery ?(?:code|phrase|key)s?|jwt ?(?:secret|token)?|jwt|bearer|authorization|x api key|proxy authorization|webhook ?secret|salt|hmac ?key|service ?account ?key|deploy ?key|ssh ?key|db ?pass|database ?password|root ?password|パスワード|密码|비밀번호) $|パスワード|密码|비밀번호/u;
const key =
  /(?<![a-z])(?:key|keys|auth|session|sessionid|session ?id|sid|cookie|set cookie|signature|sig|token|tokens|credential|dsn|webhook|\w+ key|\w+ auth|\w+key|\w+token) $/u;
const tame =
  /(?<![a-z])(?:max|min|num|total|prompt|completion|input|output|used|remaining|count|length|limit|type|types|name|names|hint|policy|field|label|placeholder|regex|pattern|expires?|expiry|url|uri|path|file|dir|endpoint|public|publishable|primary|foreign|partition|sort|cache|idempotency|index|row|group|object|key ?id|id of|reset|forgot|cancellation|abort|next|prev|previous|page|continuation|sync|cursor|progress|eof|semicolon|author|css|design|node|react|i18n|translation|strength|required|enabled|invalid|valid|wrong|incorrect|missing|no|empty|forgotten|change|update|show|hide|toggle|confirm(?:ation)?) (?:\w+ ){0,2}$/u;

const cache = new Map<string, KeyStrength>();

function judge(words: string): KeyStrength {
  if (
    / (?:id|ids|name|url|uri|path|file|type|hint|length|count|expiry|expires|at|in|field|label|policy|enabled|required|reset|format|status|algorithm|alg|size|ttl|prefix|header|manager|provider|store|error|message|link|hash|page|input|form|icon|strength) $/u.test(
      words,
    )
  ) {
    return / (?:session ?id|sessionid|webhook url|client id) $/u.test(words) ? 'key' : 'none';
  }
  const last = words.trimEnd().split(' ').length;
  if (tame.test(words) && last > 1 && !/(?:password|secret|passwd) $/u.test(words)) return 'none';
  if (/ (?:tokens|token|\w+ ?tokens?|pin|salt|credentials?|secrets?|jwt|bearer|otp|authorization) $/u.test(words))
    return / (?:client |app |api |consumer |jwt |webhook |auth |session |shared )?(?:secret|otp|pin) $/u.test(words)
      ? 'secret'
      : words.endsWith(' tokens ')
        ? 'none'
        : 'key';
  if (secret.test(words)) return 'secret';
  return key.test(words) ? 'key' : 'none';
}

/** What a name of a field, variable or header says; takes the normalised words, ` db password `. */
export function strengthOf(words: string): KeyStrength {
  let known = cache.get(words);
  if (known === undefined) {
    known = judge(words);
    if (cache.size < 2048) cache.set(words, known);
  }
  return known;
}
