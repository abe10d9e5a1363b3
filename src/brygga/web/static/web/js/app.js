// What every screen needs; each part stands in a module of its own.
import "./choices.js";
import "./dialogs.js";
import "./finding.js";
import "./keyboard.js";
import "./loading.js";
import "./menus.js";
import "./navigator.js";
import "./returning.js";
import "./suggestions.js";
import "./unsaved.js";
import "./zone.js";
