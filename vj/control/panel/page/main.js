// The panel: a performer's own view of the show. Everything shown is what the server has said.

import { mountChain } from "./chain.js";
import { connect } from "./connection.js";
import { Life } from "./dom.js";
import { beginKeys } from "./keys.js";
import { beginMacros } from "./macros.js";
import { mountModulation } from "./modulation.js";
import { mountParameters } from "./parameters.js";
import { mountPresets } from "./presets.js";
import { mountSound } from "./sound.js";
import { beginStrip } from "./strip.js";
import { addTab, beginTabs } from "./tabs.js";

const life = new Life();

addTab("presets", mountPresets);
addTab("parameters", mountParameters);
addTab("modulation", mountModulation);
addTab("chain", mountChain);
addTab("sound", mountSound);

beginStrip(life);
beginMacros(life);
beginTabs();
beginKeys();
connect();
