import { openCheckpoint, parseVerifierKey, splitNotes } from '../src/note/checkpoint.ts';
import { readKey, readNote } from '../src/verifier/signed-note.ts';

// A key and a note of the C2SP signed-note format, signed with nothing that is secret.
const vkey = 'example.com/audit+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const note =
  'example.com/audit\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 example.com/audit AAAAAA==\n';

const attempt = <T>(make: () => T): T | undefined => {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Error)) throw new Error('something that is no error was thrown', { cause: error });
    return undefined;
  }
};

/** Notes of strangers: a reason why not, or a checkpoint with a signature. Keys of strangers: an error, or a key. */
export const target = {
  name: 'note',
  dictionary: ['\n\n', '\u2014 ', '+', '47DEQpj8', ' example.com/audit ', '\r\n', '99999999999999999'],
  seeds: [note, vkey, `${note}\n${note}`],
  run(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    for (const one of splitNotes(text)) {
      if (typeof openCheckpoint(one, []) !== 'string') throw new Error('a checkpoint that nobody signed was taken');
      if (typeof readNote(one, []) !== 'string') throw new Error('the second verifier took one');
    }
    const first = attempt(() => parseVerifierKey(text.trim()));
    const second = attempt(() => readKey(text.trim()));
    if (first !== undefined && second === undefined) throw new Error('the verifiers do not agree on a key');
  },
};
