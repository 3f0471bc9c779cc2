export { default } from "@nsm/dot-github/config/mocharc.json" with { type: "json" }
