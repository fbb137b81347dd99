// The terminal as a device: its pixels on a canvas, its keypad, its tones. Everything travels on one WebSocket,
// so that keys stay in order and a frame is on the screen a few milliseconds after the firmware has painted it.
const LAYOUT = ["1", "2", "3", "A", "4", "5", "6", "B", "7", "8", "9", "C", "*", "0", "#", "D"];
const FACES = {
  A: ["A", "SALE"],
  B: ["B", "CASH IN"],
  C: ["C", "CASH OUT"],
  D: ["D", "WAS IT PAID?"],
  "*": ["*", "BACK"],
  "#": ["#", "OK"],
};
const KEYBOARD = { Enter: "#", Backspace: "*", Escape: "*" };
const NAMES = { "*": "star", "#": "hash" };
const WIDTH = 240;
const HEIGHT = 320;

// A click on a switch or on the phone leaves the focus where it was: the next Enter is the terminal's OK key, not a
// second press of that button. (Captured, because buttons take the focus themselves.) Tab still reaches every button.
function keepFocus(event) {
  if (event.target.closest("button")) event.preventDefault();
}

export default {
  template: `
    <div class="device" :class="{ off: !powered }" data-testid="device">
      <div class="device-top">
        <span class="device-name">KASSA {{ terminal }}</span>
        <span class="tone" :class="{ on: sounding }" data-testid="tone" :data-tone="tone">
          <svg viewBox="0 0 24 24" width="14" height="14"><path fill="currentColor"
            d="M4 9v6h4l5 4V5L8 9H4zm12 3a4 4 0 0 0-2-3.5v7A4 4 0 0 0 16 12z"/></svg>
          {{ tone || "quiet" }}
        </span>
        <span class="power-led" :title="powered ? 'on' : 'no power'"></span>
      </div>
      <div class="glass">
        <canvas ref="screen" width="${WIDTH}" height="${HEIGHT}" role="img" data-testid="screen"
          :aria-label="described" :data-screen="view.screen" :data-view="JSON.stringify(view.fields)"
          :data-frames="frames"></canvas>
        <div v-if="!powered" class="dark">no power</div>
      </div>
      <div class="keypad" data-testid="keypad">
        <button v-for="key in layout" :key="key" type="button" :class="'key key-' + nameOf(key)"
          :data-testid="'key-' + nameOf(key)" :aria-label="faceOf(key).join(' ')"
          @pointerdown.prevent="press(key)" @click="clicked($event, key)" :data-down="down === key">
          <span class="face">{{ faceOf(key)[0] }}</span><span v-if="faceOf(key)[1]" class="label">{{ faceOf(key)[1] }}</span>
        </button>
      </div>
    </div>`,
  props: { terminal: String, tunes: Object },
  data() {
    return {
      layout: LAYOUT, powered: false, view: { screen: "off", fields: {} }, tone: "", sounding: false, frames: 0, down: "",
    };
  },
  computed: {
    described() {
      return `terminal screen: ${this.view.screen}`;
    },
  },
  mounted() {
    this.context = this.$refs.screen.getContext("2d", { alpha: false });
    this.image = this.context.createImageData(WIDTH, HEIGHT);
    this.connect();
    this.onKey = (event) => this.typed(event);
    window.addEventListener("keydown", this.onKey);
    window.addEventListener("mousedown", keepFocus, true);
  },
  unmounted() {
    window.removeEventListener("keydown", this.onKey);
    window.removeEventListener("mousedown", keepFocus, true);
    this.closed = true;
    this.socket?.close();
  },
  methods: {
    nameOf: (key) => NAMES[key] || key,
    faceOf: (key) => FACES[key] || [key],
    connect() {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      this.socket = new WebSocket(`${scheme}://${location.host}/counter/terminal/${this.terminal}`);
      this.socket.binaryType = "arraybuffer";
      this.socket.onmessage = (message) =>
        typeof message.data === "string" ? this.told(JSON.parse(message.data)) : this.paint(message.data);
      this.socket.onclose = () => {
        this.powered = false;
        if (!this.closed) setTimeout(() => this.connect(), 500);
      };
    },
    paint(buffer) {
      const pixels = new Uint16Array(buffer);
      const out = new Uint32Array(this.image.data.buffer);
      for (let i = 0; i < pixels.length; i++) {
        const p = pixels[i];
        const r = (p >> 11) & 31, g = (p >> 5) & 63, b = p & 31;
        out[i] = 0xff000000 | (((b << 3) | (b >> 2)) << 16) | (((g << 2) | (g >> 4)) << 8) | ((r << 3) | (r >> 2));
      }
      this.context.putImageData(this.image, 0, 0);
      this.frames += 1;
    },
    told(event) {
      if ("powered" in event) this.powered = event.powered;
      if (event.view) this.view = event.view;
      if (event.tone) this.play(event.tone);
    },
    press(key) {
      this.wake();
      this.down = key;
      clearTimeout(this.releaseTimer);
      this.releaseTimer = setTimeout(() => (this.down = ""), 120);
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(key);
    },
    clicked(event, key) {
      if (event.detail === 0) this.press(key); // from the keyboard or a screen reader: no pointer came before
    },
    typed(event) {
      const target = event.target;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select, [role=dialog]")) return;
      if (event.key === "Enter" && target.closest("button:not(.key), a")) return;
      const key = KEYBOARD[event.key] || event.key.toUpperCase();
      if (!LAYOUT.includes(key)) return;
      event.preventDefault();
      this.press(key);
    },
    wake() {
      // Browsers let a page sound only after a person has touched it.
      if (!this.audio && window.AudioContext) this.audio = new AudioContext();
      if (this.audio?.state === "suspended") this.audio.resume();
    },
    play(name) {
      this.tone = name;
      this.sounding = true;
      clearTimeout(this.toneTimer);
      this.toneTimer = setTimeout(() => (this.sounding = false), 700);
      if (!this.audio || this.audio.state !== "running") return;
      let at = this.audio.currentTime;
      for (const [hertz, ms] of this.tunes[name] || []) {
        if (hertz) this.note(hertz, at, ms / 1000);
        at += ms / 1000;
      }
    },
    note(hertz, at, seconds) {
      const oscillator = this.audio.createOscillator();
      const volume = this.audio.createGain();
      oscillator.type = "square";
      oscillator.frequency.value = hertz;
      volume.gain.setValueAtTime(0.04, at);
      volume.gain.setTargetAtTime(0, at + seconds - 0.01, 0.005);
      oscillator.connect(volume).connect(this.audio.destination);
      oscillator.start(at);
      oscillator.stop(at + seconds + 0.02);
    },
  },
};
