// The page's own few words. What the union says comes from the server in the reader's language.

const WORDS = {
  zh: {
    "name": "工友帮",
    "log.label": "对话",
    "from.bot": "工会：",
    "from.me": "您：",
    "link.connecting": "正在连接…",
    "link.on": "已连接",
    "link.off": "没有连上。您写的先存在手机里，连上就发。",
    "link.again": "又连上了",
    "text.label": "要说的话",
    "text.placeholder": "想说什么，写在这里",
    "text.send": "发送",
    "tray.open": "加照片、文件、录音或位置",
    "tray.camera": "拍照",
    "tray.photo": "照片",
    "tray.file": "文件",
    "tray.voice": "录音",
    "tray.location": "位置",
    "files.chosen": "准备发送的文件",
    "files.drop": "去掉 {name}",
    "files.big": "{name} 有 {size}，一个文件最多 20 MB。可以分成几段发，或者写一句，值班的人跟您约怎么交。",
    "files.empty": "{name} 是空的，没有加上。再选一次就行。",
    "files.fragile": "手机存不下这个文件。请先别关这一页，等它发完。",
    "files.unreadable": "{name} 打不开，没有加上。再选一次，或者换个文件。",
    "voice.start": "录音",
    "voice.cancel": "不要了",
    "voice.done": "录好了",
    "voice.sending": "发送",
    "voice.running": "正在录 {time}",
    "voice.none": "这里用不了麦克风。可以打字说，也可以用手机自带的录音机录好，从「文件」里发。",
    "voice.refused": "没有拿到麦克风的许可。可以在浏览器设置里打开，或者打字说。",
    "voice.name": "录音 {time}",
    "location.mine": "我的位置",
    "location.searching": "正在找您的位置…",
    "location.none": "这里拿不到位置。把地名打出来就行，比如：人民路 18 号。",
    "location.refused": "没有拿到位置的许可。把地名打出来就行，比如：人民路 18 号。",
    "contact.typed": "把号码打出来就行，比如 138 开头的 11 位。",
    "reply.case": "回复这件事",
    "reply.to": "回复 {case}",
    "reply.drop": "不回复这一条",
    "state.sending": "发送中",
    "state.percent": "发送中 {percent}%",
    "state.waiting": "等着发",
    "state.offline": "等网络，连上就发",
    "state.failed": "没送到",
    "state.resend": "点这里再发",
    "state.discard": "不发了",
    "state.rewrite": "放回去改",
    "state.held": "还没有发",
    "state.release": "现在发",
    "state.sent": "已送到",
    "state.seen": "已读",
    "newer": "{count} 条新消息",
    "newer.divider": "以下是新消息",
    "edited": "改过的话：{text}",
    "code.copy": "复制这个码",
    "code.copied": "已复制",
    "document.save": "存到手机",
    "document.saving": "正在取…",
    "document.saved": "已经交给浏览器保存。",
    "document.failed": "没有取到。等一会儿再点一次。",
    "document.inapp": "如果没有存下来，点右上角「…」，选「在浏览器打开」，再存一次。",
    "menu.open": "菜单",
    "menu.title": "这一页的设置",
    "menu.close": "关上",
    "menu.back": "返回",
    "menu.language": "语言",
    "menu.size": "字的大小",
    "size.normal": "标准",
    "size.big": "大",
    "size.biggest": "特大",
    "code.title": "找回码",
    "code.hint": "您求助以后，对话里会给一个 16 位的找回码。抄在纸上收好。换了手机，凭它回到自己的事。",
    "code.enter": "输入找回码",
    "code.label": "16 位找回码",
    "code.go": "找回",
    "code.digits": "找回码是 16 位数字，现在有 {count} 位。对照抄下的再看看。",
    "code.offline": "没有连上，等一会儿再试。",
    "forget.title": "别人的手机？",
    "forget.hint": "清掉这一页存在这台手机上的对话。工会那边收到的不会少。",
    "forget.ask": "忘掉这台手机",
    "forget.sure": "清掉以后，要有找回码才能回到您的事。抄好了吗？",
    "forget.unsent": "还有 {count} 条没有发出去，也会一起清掉。",
    "forget.yes": "清掉",
    "forget.no": "先留着",
    "forgotten.title": "这台手机已经不记得您了",
    "forgotten.text": "页面关掉就行。别忘了浏览器的历史记录里还有这个网址。",
    "locked.title": "这台手机认不出您了",
    "locked.text": "可能是太久没来，或者在别处点了「忘掉」。您的事还在工会。",
    "locked.unsent": "没发出去的 {count} 条还留在这里。",
    "locked.anew": "重新开始",
    "locked.code": "输入找回码",
    "fault.unknown": "这一条没有收下。换个说法再发，或者打 12351 找人。",
    "play.title": "工友帮演示",
    "play.lead": "左边是工人的手机，右边是值班干部的手机。在左边求助，把时间往前拨，看看事情怎么走。",
    "play.phones": "两台手机",
    "play.worker": "工人的手机",
    "play.cadre": "干部的手机",
    "play.cadre.of": "{who}的手机，{unit}",
    "play.tab.worker": "工人",
    "play.tab.cadre": "干部",
    "play.clock": "演示的时间",
    "play.1h": "+1 小时",
    "play.1wd": "+1 个工作日",
    "play.1w": "+1 周",
    "play.again": "重来",
    "play.again.sure": "换两台新手机，重新开始？",
    "play.yes": "重新开始",
    "play.no": "先不",
    "play.other": "English",
    "play.line": "底下在发生什么",
    "play.inbox": "收下",
    "play.inbox.waiting": "{count} 条在办",
    "play.inbox.idle": "{count} 条",
    "play.cases": "事项",
    "play.cases.count": "{count} 件在办",
    "play.dues": "到点",
    "play.dues.none": "没有要等的",
    "play.outbox": "发出",
    "play.outbox.pending": "{count} 条在发",
    "play.outbox.idle": "{count} 条",
    "play.outbox.failed": "{count} 条没发成",
    "play.provisional": "这一年的放假安排还没公布，先按周末算。",
    "play.matters": "事项",
    "play.matters.none": "还没有人求助。在左边的手机上点「要帮忙」试试。",
    "play.owner": "在{owner}手里",
    "play.due": "{when} 前",
    "play.overdue": "过了时限",
    "play.soon": "快到时限",
    "play.later": "等着到点的",
    "play.feed": "刚才",
    "play.feed.none": "什么都还没发生。",
    "play.lost": "演示服务没有回应，等它回来。",
    "play.closed": "演示只在演示模式里有。",
  },
  en: {
    "name": "Steward",
    "log.label": "Conversation",
    "from.bot": "Union: ",
    "from.me": "You: ",
    "link.connecting": "Connecting…",
    "link.on": "Connected",
    "link.off": "Not connected. What you write stays on this phone and goes out when you are back.",
    "link.again": "Connected again",
    "text.label": "Your message",
    "text.placeholder": "Write here",
    "text.send": "Send",
    "tray.open": "Add a photo, file, recording or place",
    "tray.camera": "Camera",
    "tray.photo": "Photos",
    "tray.file": "File",
    "tray.voice": "Record",
    "tray.location": "Place",
    "files.chosen": "Files ready to send",
    "files.drop": "Remove {name}",
    "files.big": "{name} is {size}; one file can be 20 MB at most. Send it in parts, or write a line and the person on duty will arrange how to hand it over.",
    "files.empty": "{name} is empty and was not added. Just choose again.",
    "files.fragile": "This phone has no room to keep the file. Please leave this page open until it is sent.",
    "files.unreadable": "{name} could not be opened. Choose it again, or another one.",
    "voice.start": "Record your voice",
    "voice.cancel": "Discard",
    "voice.done": "Done",
    "voice.sending": "Send",
    "voice.running": "Recording {time}",
    "voice.none": "There is no microphone here. You can type, or record with the phone’s own recorder and send it under “File”.",
    "voice.refused": "The microphone is not allowed. Allow it in the browser’s settings, or type instead.",
    "voice.name": "Recording {time}",
    "location.mine": "My place",
    "location.searching": "Finding where you are…",
    "location.none": "Your place is not available here. Type it instead, for example: 18 Renmin Road.",
    "location.refused": "Your place is not allowed. Type it instead, for example: 18 Renmin Road.",
    "contact.typed": "Type the number, for example 11 digits starting with 138.",
    "reply.case": "Reply on this",
    "reply.to": "Reply on {case}",
    "reply.drop": "Do not reply to this one",
    "state.sending": "Sending",
    "state.percent": "Sending {percent}%",
    "state.waiting": "Waiting to go",
    "state.offline": "Waiting for the network",
    "state.failed": "Not delivered",
    "state.resend": "Tap to resend",
    "state.discard": "Do not send",
    "state.rewrite": "Edit it again",
    "state.held": "Not sent yet",
    "state.release": "Send now",
    "state.sent": "Delivered",
    "state.seen": "Seen",
    "newer": "{count} new",
    "newer.divider": "New from here",
    "edited": "Changed: {text}",
    "code.copy": "Copy this code",
    "code.copied": "Copied",
    "document.save": "Save",
    "document.saving": "Fetching…",
    "document.saved": "Handed to your browser to save.",
    "document.failed": "It could not be fetched. Tap again in a moment.",
    "document.inapp": "If nothing was saved, tap “…” at the top right, choose “Open in browser” and save again.",
    "menu.open": "Menu",
    "menu.title": "Settings of this page",
    "menu.close": "Close",
    "menu.back": "Back",
    "menu.language": "Language",
    "menu.size": "Size of the text",
    "size.normal": "Normal",
    "size.big": "Big",
    "size.biggest": "Biggest",
    "code.title": "Return code",
    "code.hint": "After you ask for help, this chat gives you a return code of 16 digits. Write it on paper. With it you can come back to your matter on another phone.",
    "code.enter": "Enter a return code",
    "code.label": "Return code, 16 digits",
    "code.go": "Come back",
    "code.digits": "A return code has 16 digits; this has {count}. Compare it with what you wrote down.",
    "code.offline": "Not connected. Try again in a moment.",
    "forget.title": "Someone else’s phone?",
    "forget.hint": "Clears the conversation this page keeps on this phone. Nothing the union received is lost.",
    "forget.ask": "Forget this device",
    "forget.sure": "After this only the return code brings you back to your matter. Have you written it down?",
    "forget.unsent": "{count} not sent yet will be cleared too.",
    "forget.yes": "Clear it",
    "forget.no": "Keep it",
    "forgotten.title": "This phone no longer knows you",
    "forgotten.text": "You can close the page. The address is still in the browser’s history.",
    "locked.title": "This phone is not recognised any more",
    "locked.text": "Perhaps it has been long, or “forget” was chosen elsewhere. Your matter is still with the union.",
    "locked.unsent": "{count} not sent yet are kept here.",
    "locked.anew": "Start anew",
    "locked.code": "Enter a return code",
    "fault.unknown": "This one was not taken. Say it another way, or call 12351.",
    "play.title": "Steward demo",
    "play.lead": "A worker’s phone on the left, the cadre’s on the right. Ask for help, move the clock, watch where it goes.",
    "play.phones": "Two phones",
    "play.worker": "Worker’s phone",
    "play.cadre": "Cadre’s phone",
    "play.cadre.of": "Phone of {who}, {unit}",
    "play.tab.worker": "Worker",
    "play.tab.cadre": "Cadre",
    "play.clock": "Time in the demonstration",
    "play.1h": "+1 hour",
    "play.1wd": "+1 working day",
    "play.1w": "+1 week",
    "play.again": "Restart",
    "play.again.sure": "Take two new phones and start over?",
    "play.yes": "Start over",
    "play.no": "Not now",
    "play.other": "中文",
    "play.line": "What happens underneath",
    "play.inbox": "In",
    "play.inbox.waiting": "{count} in hand",
    "play.inbox.idle": "{count}",
    "play.cases": "Cases",
    "play.cases.count": "{count} open",
    "play.dues": "Due",
    "play.dues.none": "nothing waits",
    "play.outbox": "Out",
    "play.outbox.pending": "{count} going out",
    "play.outbox.idle": "{count}",
    "play.outbox.failed": "{count} failed",
    "play.provisional": "Holidays of this year are not announced yet; weekends are assumed.",
    "play.matters": "Cases",
    "play.matters.none": "Nobody has asked for help yet. Try “Get help” on the left phone.",
    "play.owner": "with {owner}",
    "play.due": "by {when}",
    "play.overdue": "overdue",
    "play.soon": "due soon",
    "play.later": "Waiting for its time",
    "play.feed": "Just now",
    "play.feed.none": "Nothing has happened yet.",
    "play.lost": "The demonstration does not answer; waiting for it.",
    "play.closed": "The demonstration exists in demo mode only.",
  },
};

let language = "zh";

/** The language in use: "zh" or "en". */
export function spoken() {
  return language;
}

/** The sentence under `key` with its {placeholders} filled. */
export function say(key, values = {}) {
  const sentence = WORDS[language][key];
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Speak `wanted` from now on and write every marked element under `root` again. */
export function speak(wanted, root = document) {
  language = wanted === "en" ? "en" : "zh";
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  for (const node of root.querySelectorAll("[data-words]")) node.textContent = say(node.dataset.words);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = say(node.dataset.placeholder);
}

/** What to speak before anyone chose: the browser's English stays English, everyone else reads Chinese. */
export function guess() {
  return /^en\b/i.test(navigator.language || "") ? "en" : "zh";
}

const locale = () => (language === "en" ? "en-GB" : "zh-CN");
let zone; // the union's own, once the server has said it; the device's until then

/** Show instants in this IANA zone, an unknown name in the device's own; tells whether that changes anything. */
export function useZone(name) {
  const before = zone;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    zone = name;
  } catch {
    zone = undefined;
  }
  return zone !== before;
}

const formats = new Map(); // making one takes longer than all the rest of drawing a message

function formatted(at, options) {
  const key = [language, zone, ...Object.entries(options)].join();
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone }));
  return formats.get(key).format(at);
}

/** "14:05". */
export function hour(at) {
  return formatted(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** "11月20日 周五" or "Friday 20 November". */
export function day(at) {
  if (language === "en") return formatted(at, { weekday: "long", day: "numeric", month: "long" });
  return `${formatted(at, { month: "long", day: "numeric" })} ${formatted(at, { weekday: "short" })}`;
}

/** "周二 18:00" within six days either way of `now`, else with the date. */
export function moment(at, now) {
  const near = Math.abs(at - now) < 6 * 86400e3;
  const options = near ? { weekday: "short" } : { month: "short", day: "numeric", weekday: "short" };
  return `${formatted(at, options)} ${hour(at)}`;
}

/** "0:07". */
export function length(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** "3.4 MB". */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
