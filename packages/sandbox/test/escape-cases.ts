/** What the cases find on the host, by placeholder. */
export interface Bench {
  W: string;
  RO: string;
  RW: string;
  SECRET: string;
  HOME: string;
  BASE: string;
  HOSTPID: string;
  PORT: string;
  PORT2: string;
  PORT3: string;
}

export interface EscapeCase {
  id: string;
  what: string;
  kind: 'sh' | 'node' | 'probe';
  /** For sh and node a text with %PLACEHOLDERS%, for probe the names of programs. */
  run: string;
  must?: RegExp;
  never?: RegExp;
  /** Looked at on the host while it runs, or afterwards. */
  host?:
    | 'ro-unchanged'
    | 'rw-in-place'
    | 'port2-closed'
    | 'port3-closed'
    | 'host-process-alive'
    | 'nothing-left'
    | 'no-set-id';
  spawn?: false;
  /** Text in the command line of what must not be left. */
  bait?: string;
  /** Not a case that the weak launcher can fail: it shares this property. */
  weakHolds?: string;
}

const NOT_THERE = /No such file|ermission denied/;
const refused = /^(?!.*=OK)(?!.*=NO)/s;

export const ESCAPE_CASES: readonly EscapeCase[] = [
  // A: reading
  {
    id: 'A01',
    what: "the gateway user's ssh key",
    kind: 'sh',
    run: 'cat %HOME%/.ssh/id_rsa',
    must: NOT_THERE,
    never: /BAIT-KEY/,
  },
  {
    id: 'A02',
    what: '/etc/shadow',
    kind: 'sh',
    run: 'cat /etc/shadow; ls /etc/shadow /etc/ssh /etc/hostname',
    must: NOT_THERE,
    never: /root:|^\/etc\/(ssh|hostname)/m,
  },
  {
    id: 'A03',
    what: 'the list of users, the resolver and the host name',
    kind: 'sh',
    run: 'cat /etc/passwd; cat /etc/resolv.conf /etc/machine-id; hostname',
    must: /sandbox/,
    never: /^root:|nameserver/m,
  },
  {
    id: 'A04',
    what: 'directories that are granted nowhere',
    kind: 'sh',
    run: 'ls %SECRET%; ls /root /var/lib /srv /opt /mnt /media /run /sys /boot',
    must: /No such file/,
    never: /s\.txt|dpkg|block/,
  },
  {
    id: 'A05',
    what: 'a link in the writable directory that points at a secret',
    kind: 'sh',
    run: 'ln -sf %HOME%/.ssh/id_rsa %RW%/l; cat %RW%/l; ln -sfn / %RW%/root; cat %RW%/root%SECRET%/s.txt; ls %RW%/root/root',
    must: /No such file|denied/,
    never: /BAIT/,
  },
  {
    id: 'A06',
    what: 'the secret through .. and /proc/*/root and /proc/*/cwd',
    kind: 'sh',
    run: 'cat %RW%/../secret/s.txt; for p in /proc/[0-9]*; do cat $p/root%SECRET%/s.txt $p/cwd/../../..%SECRET%/s.txt; done; cat /proc/self/fd/*/../secret/s.txt',
    must: NOT_THERE,
    never: /BAIT/,
  },
  {
    id: 'A07',
    what: "/proc/1/environ does not hold the gateway's variables",
    kind: 'sh',
    run: 'tr "\\0" "\\n" </proc/1/environ; echo; env; cat /proc/[0-9]*/environ | tr "\\0" "\\n"',
    must: /PATH=/,
    never: /BAIT/,
  },
  {
    id: 'A08',
    what: 'processes of the host',
    kind: 'sh',
    run: 'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; tr "\\0" " " <$p/environ; echo; done 2>/dev/null; ls -d /proc/[0-9]* | wc -l',
    must: /^[1-9]$/m,
    never: /BAIT|gwproc-bait/,
  },
  {
    id: 'A10',
    what: 'raw disk and memory of the kernel',
    kind: 'sh',
    run: 'for f in /dev/vda /dev/sda /dev/nvme0n1 /dev/mem /dev/kmsg /proc/kcore /proc/kmsg /dev/kvm /dev/fuse /dev/net/tun /dev/loop-control; do head -c1 $f || true; done; ls /dev',
    must: NOT_THERE,
    never: /^(vda|sda|kvm|mem|fuse|tty)$/m,
  },
  {
    id: 'A11',
    what: 'what /proc and /sys tell and take',
    kind: 'sh',
    run: 'head -1 /proc/kallsyms; for f in cmdline keys modules partitions; do cat /proc/$f >/dev/null 2>&1 && echo "READ $f"; done; for f in sysrq-trigger sys/vm/drop_caches sys/kernel/core_pattern sys/kernel/hostname; do ( : >> /proc/$f ) 2>/dev/null && echo "OPENED $f"; done; echo done',
    must: /done/,
    never: /^(?!0000)[0-9a-f]{16} |OPENED|READ/m,
  },
  {
    id: 'A13',
    what: 'the policy on the command line of the launcher',
    kind: 'sh',
    run: 'tr "\\0" " " </proc/1/cmdline | head -c 300',
    must: /./,
    never: /secret|BAIT|allow/,
    weakHolds: 'its command line holds no policy either',
  },
  {
    id: 'A15',
    what: 'open descriptors of the gateway',
    kind: 'sh',
    run: 'ls -l /proc/self/fd /proc/1/fd; for f in 3 4 5 6 7 8 9 251; do (cat <&$f) 2>/dev/null && echo "READ $f"; done; echo done',
    must: /done/,
    never: /READ|BAIT|sekisho|\.txt/,
    weakHolds: 'started by the same hand',
  },
  // B: writing and filling
  {
    id: 'B01',
    what: 'files in /, /usr, /etc, /dev, /proc, /home',
    kind: 'sh',
    run: 'for d in / /usr /usr/bin /etc /dev /proc /home; do touch $d/x 2>/dev/null && echo CREATED $d; mkdir $d/y 2>/dev/null && echo CREATED $d; done; echo end',
    must: /end/,
    never: /CREATED/,
    weakHolds: 'an ordinary user may not do that anywhere',
  },
  {
    id: 'B02',
    what: 'write into a directory that may be read',
    kind: 'sh',
    run: 'echo x > %RO%/new; echo x >> %RO%/readme.txt; rm -f %RO%/readme.txt; mv %RO%/readme.txt %RO%/b; chmod 777 %RO%; truncate -s 0 %RO%/readme.txt; touch %RO%/readme.txt; echo end',
    must: /end/,
    host: 'ro-unchanged',
  },
  {
    id: 'B04',
    what: 'a hard link out of the readable directory',
    kind: 'sh',
    run: 'ln %RO%/readme.txt %RW%/hl && echo LINKED; ln /usr/bin/true %RW%/hl2 && echo LINKED; cp -l %RO%/readme.txt %RW%/hl3 && echo LINKED; echo end',
    must: /end/,
    never: /LINKED/,
  },
  {
    id: 'B05',
    what: 'move or remove a mount point',
    kind: 'sh',
    run: 'mv %RW% %RW%2; rmdir %RW%; mv %W% %W%-moved; mv %RW% /tmp/x; echo end',
    must: /busy|Read-only|denied|No such/i,
    host: 'rw-in-place',
  },
  {
    id: 'B06',
    what: 'a set-id file in the writable directory',
    kind: 'probe',
    run: 'chmod_setid fchmodat_setid fchmodat2_setid creat_setid open_setid openat_setid tmpfile_setid mknod_setid',
    must: refused,
    host: 'no-set-id',
  },
  {
    id: 'B07',
    what: 'device files in the writable directory',
    kind: 'probe',
    run: 'mknod_blk mknod_chr',
    must: refused,
    weakHolds: 'an ordinary user may not do that anywhere',
  },
  {
    id: 'B08',
    what: 'make /usr writable',
    kind: 'sh',
    run: '%PROBES%/remount_rw | od -An -td8 -N8; mount -o remount,rw /usr; touch /usr/x && echo TOUCHED',
    must: /-1/,
    never: /TOUCHED/,
    weakHolds: 'an ordinary user may not do that anywhere',
  },
  {
    id: 'B10',
    what: 'fill /tmp beyond its size',
    kind: 'sh',
    run: 'for i in 1 2 3 4 5; do dd if=/dev/zero of=/tmp/fill$i bs=1M count=30 2>/dev/null; done; du -xsm /tmp | cut -f1; rm -f /tmp/fill*',
    must: /^\d{1,2}$/m,
    never: /^1\d\d$/m,
  },
  {
    id: 'B11',
    what: 'fill everything else that is in memory',
    kind: 'sh',
    run: 'for d in /dev/shm /dev "$HOME" /run /var/tmp /proc/acpi; do for i in 1 2 3 4 5; do dd if=/dev/zero of=$d/fill$i bs=1M count=30 2>/dev/null; done; du -sm $d 2>/dev/null; rm -f $d/fill*; done; echo end',
    must: /end/,
    never: /^1\d\d\s/m,
  },
  {
    id: 'B12',
    what: 'one file beyond the largest size',
    kind: 'sh',
    run: 'dd if=/dev/zero of=%RW%/big bs=1M count=80 2>&1 | tail -1; stat -c %s %RW%/big; rm -f %RW%/big',
    never: /^8388608\d$/m,
  },
  // C: network
  {
    id: 'C02',
    what: 'cloud metadata',
    kind: 'node',
    run: "for (const h of ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254']) require('net').connect(80, h).on('connect', () => console.log('CONNECTED')).on('error', (e) => console.log(e.code)); setTimeout(() => { console.log('TIMEOUT'); process.exit(); }, 2500).unref()",
    must: /ENETUNREACH|EPERM|EACCES|EHOSTUNREACH|ECONNREFUSED/,
    never: /CONNECTED|TIMEOUT/,
    weakHolds: 'own network namespace',
  },
  {
    id: 'C03',
    what: 'a look-up as a channel out',
    kind: 'node',
    run: "require('dns').lookup('leak.example.test', (e) => console.log('lookup', e && e.code)); require('dns').resolve('leak.example.test', (e) => console.log('resolve', e && e.code)); require('dns').resolveTxt('leak.example.test', (e) => console.log('txt', e && e.code))",
    must: /EAI_AGAIN|ENOTFOUND/,
    never: /null/,
    weakHolds: 'own network namespace',
  },
  {
    id: 'C04',
    what: 'datagrams out',
    kind: 'node',
    run: "const s = require('dgram').createSocket('udp4'); s.send('x', 53, '1.1.1.1', (e) => { console.log(e ? e.code : 'SENT'); s.close(); })",
    must: /ENETUNREACH|EPERM/,
    never: /SENT/,
    weakHolds: 'own network namespace',
  },
  {
    id: 'C05',
    what: "the host's loopback, and IPv6",
    kind: 'node',
    run: "for (const h of ['127.0.0.1', '::1', '2001:db8::1', '0.0.0.0']) require('net').connect(%PORT%, h).on('connect', () => console.log('CONNECTED')).on('error', (e) => console.log(e.code))",
    must: /ECONNREFUSED|ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT|EACCES/,
    never: /CONNECTED/,
    weakHolds: 'own network namespace',
  },
  {
    id: 'C06',
    what: 'sockets other than internet ones',
    kind: 'probe',
    run: 'sock_raw sock_raw_nonblock sock_raw6 sock_inet_packet sock_packet sock_vsock sock_alg sock_bt sock_xdp sock_can sock_tipc sock_nlaudit sock_nfnetlink sock_unix',
    must: refused,
  },
  {
    id: 'C08',
    what: 'an abstract unix socket of the host',
    kind: 'node',
    run: "require('net').connect('\\0%ABSTRACT%').on('connect', () => console.log('CONNECTED')).on('error', (e) => console.log(e.code))",
    must: /EAFNOSUPPORT|EPERM|ECONNREFUSED|EINVAL/,
    never: /CONNECTED/,
    weakHolds: 'own network namespace',
  },
  {
    id: 'C09',
    what: 'sockets of services',
    kind: 'sh',
    run: 'ls -la /var/run/docker.sock /run/dbus/system_bus_socket /run/containerd/containerd.sock /tmp/.X11-unix $SSH_AUTH_SOCK; env | grep -E "SSH_AUTH_SOCK|DBUS|DISPLAY|XDG" || echo none',
    must: /none/,
    never: /srw|SSH_AUTH_SOCK=/,
  },
  {
    id: 'C11',
    what: 'a listener in another box',
    kind: 'node',
    run: "require('net').connect(38123, '127.0.0.1').on('connect', () => console.log('CONNECTED')).on('error', (e) => console.log(e.code))",
    must: /ECONNREFUSED|EPERM|EACCES|ENETUNREACH/,
    never: /CONNECTED/,
    weakHolds: 'own network namespace',
  },
  {
    id: 'C12',
    what: 'listen and be reached from the host',
    kind: 'node',
    run: "require('net').createServer((c) => c.end('PWN')).on('error', (e) => { console.log(e.code); process.exit(); }).listen(%PORT2%, '0.0.0.0', () => { console.log('listening'); setTimeout(() => process.exit(), 1500); })",
    must: /listening|E[A-Z]+/,
    host: 'port2-closed',
    weakHolds: 'own network namespace',
  },
  // D: privilege, namespaces, surface of the kernel
  {
    id: 'D01',
    what: 'namespaces of its own',
    kind: 'probe',
    run: 'unshare_mnt unshare_net unshare_user unshare_time clone_newuser',
    must: refused,
  },
  {
    id: 'D02',
    what: 'the mount table',
    kind: 'probe',
    run: 'mount_tmpfs umount pivot_root chroot fsopen open_tree move_mount mount_setattr setns',
    must: refused,
    weakHolds: 'an ordinary user may not do that anywhere',
  },
  {
    id: 'D03',
    what: 'set-user-id programs',
    kind: 'sh',
    run: 'su -c id root </dev/null; ls -la /usr/bin/su; grep -E "NoNewPrivs|Cap(Eff|Prm|Bnd)" /proc/self/status',
    must: /NoNewPrivs:\s+1/,
    never: /uid=0\(root\)|Cap\w+:\s+0*[1-9a-f]/,
    weakHolds: 'bubblewrap always drops these',
  },
  {
    id: 'D05',
    what: 'other processes of the box',
    kind: 'probe',
    run: 'ptrace1 ptrace_me pvm_readv pvm_writev pidfd_getfd kcmp',
    must: refused,
  },
  {
    id: 'D06',
    what: 'the memory of PID 1',
    kind: 'sh',
    run: 'grep Seccomp: /proc/1/status; (echo x > /proc/1/mem) 2>&1',
    must: /Seccomp:\s+2|denied|No such/,
    never: /Seccomp:\s+0/,
  },
  {
    id: 'D08',
    what: 'calls that are surface only',
    kind: 'probe',
    run: 'bpf perf userfaultfd fanotify keyctl add_key syslog personality open_by_handle_at name_to_handle_at sethostname kexec_load finit_module swapon reboot acct quotactl',
    must: refused,
  },
  { id: 'D09', what: 'io_uring', kind: 'probe', run: 'io_uring', must: /=(ENOSYS|EPERM)/ },
  {
    id: 'D10',
    what: 'a call that did not exist when the filter was written; a call that cannot be checked',
    kind: 'probe',
    run: 'unknown_new openat2 clone3_plain',
    must: /unknown_new=ENOSYS.*openat2=ENOSYS.*clone3_plain=ENOSYS/s,
  },
  {
    id: 'D11',
    what: 'typing into the terminal',
    kind: 'probe',
    run: 'tiocsti tiocsti_high tioclinux',
    must: /tiocsti=EPERM.*tiocsti_high=EPERM.*tioclinux=EPERM/s,
  },
  {
    id: 'D12',
    what: 'other ways into the kernel',
    kind: 'sh',
    run: '%PROBES%/int80; echo rc=$?; %PROBES%/x32 | od -An -td8 -N8',
    must: /rc=(159|139|31)[\s\S]*-38/,
  },
  {
    id: 'D14',
    what: 'higher limits for itself',
    kind: 'probe',
    run: 'setrlimit_up prlimit_up',
    must: refused,
    weakHolds: 'an ordinary user may not do that anywhere',
  },
  {
    id: 'D15',
    what: 'shared memory of the host',
    kind: 'sh',
    run: '%PROBES%/shmget | od -An -td8 -N8; ipcs -m | grep -c 0x',
    must: /-(2|13|1|38)\s+0$/m,
  },
  // E: processes and environment
  {
    id: 'E01',
    what: 'kill the host, its parent, PID 1',
    kind: 'sh',
    run: 'kill -9 %HOSTPID%; kill -9 $PPID; kill -9 1; echo alive',
    must: /No such process|no such|arguments|alive/i,
    host: 'host-process-alive',
    weakHolds: 'own process namespace',
  },
  {
    id: 'E02',
    what: 'a fork bomb',
    kind: 'sh',
    run: 'i=0; while [ $i -lt 300 ]; do sleep 2 & i=$((i+1)); echo n=$i; done; echo NOLIMIT',
    must: /Cannot fork|Resource temporarily/,
    never: /NOLIMIT|n=\d{3}/,
  },
  {
    id: 'E04',
    what: 'a daemon that outlives the command',
    kind: 'sh',
    run: 'setsid sh -c "trap \\"\\" TERM HUP INT; sleep 300 #%BASE%daemon" >/dev/null 2>&1 & sleep .3; echo started',
    must: /started/,
    host: 'nothing-left',
    bait: 'daemon',
    weakHolds: 'own process namespace',
  },
  {
    id: 'E05',
    what: 'a child that ignores SIGTERM and holds standard output',
    kind: 'sh',
    run: 'sh -c "trap \\"\\" TERM HUP; sleep 300; : %BASE%hold" & echo started; exit 0',
    must: /started/,
    host: 'nothing-left',
    bait: 'hold',
    weakHolds: 'own process namespace',
  },
  {
    id: 'E07',
    what: 'a program of a well-known name in the writable directory',
    kind: 'sh',
    run: 'printf "#!/bin/sh\\necho PWN\\n" > %RW%/git; chmod +x %RW%/git; echo $PATH; which git sh; rm %RW%/git',
    must: /\/bin\/sh/,
    never: /rw\/git/,
    weakHolds: 'the same PATH',
  },
  {
    id: 'E08',
    what: 'variables of the loader and tokens',
    kind: 'sh',
    run: 'env | grep -E "^(LD_PRELOAD|LD_LIBRARY_PATH|NODE_OPTIONS|BASH_ENV|ENV|PYTHONSTARTUP|GIT_SSH_COMMAND|SSH_AUTH_SOCK|AWS_|GITHUB_TOKEN|GW_)" || echo clean',
    must: /clean/,
    never: /BAIT/,
  },
  {
    id: 'E10',
    what: 'a debugger on a port of the host',
    kind: 'node',
    run: "const p = require('child_process').spawn(process.execPath, ['--inspect=0.0.0.0:%PORT3%', '-e', 'setTimeout(()=>{},1500)']); p.stderr.on('data', (d) => console.log(String(d).split('\\n')[0])); p.on('exit', (c) => console.log('exit', c)); p.on('error', (e) => console.log(e.code))",
    must: /listening|exit|E[A-Z]+/,
    host: 'port3-closed',
    weakHolds: 'own network namespace',
  },
  // S: no new processes
  {
    id: 'S01',
    what: 'a child process',
    kind: 'node',
    spawn: false,
    run: "for (const f of ['execSync', 'spawnSync']) try { const r = require('child_process')[f]('id'); console.log(r.error ? r.error.code : 'RAN'); } catch (e) { console.log(e.code || e.message.slice(0, 60)); }",
    must: /EPERM|EACCES|EAGAIN/,
    never: /RAN/,
  },
  {
    id: 'S02',
    what: 'worker threads still work',
    kind: 'node',
    spawn: false,
    run: "new (require('worker_threads').Worker)('require(\"worker_threads\").parentPort.postMessage(1)', { eval: true }).on('message', () => console.log('thread'))",
    must: /thread/,
    weakHolds: 'a positive control',
  },
  {
    id: 'S03',
    what: 'fork, vfork, clone and clone3 by hand',
    kind: 'probe',
    spawn: false,
    run: 'fork vfork clone_vfork clone3_plain',
    must: refused,
  },
  {
    id: 'S07',
    what: 'exec in place stays under the same confinement',
    kind: 'node',
    spawn: false,
    run: "if (process.execve) { try { process.execve('/bin/grep', ['grep', '-E', 'Seccomp:|NoNewPrivs', '/proc/self/status'], {}); } catch (e) { console.log(e.code); } } else console.log('no execve')",
    must: /NoNewPrivs:\s+1[\s\S]*Seccomp:\s+2|^E[A-Z]+$|no execve/m,
    never: /Seccomp:\s+0/,
  },
];
