/*
 * Says on the screen why a page can't run in this browser. It runs in any browser, however old (ES5, copied as it is),
 * before the page's own program. A display that can't run also reports that to the show, over a stream of its own.
 */
(function () {
  'use strict';

  var NEEDED = 'Chromium 79, Safari 14 or Firefox 78';
  var REPORT_EVERY_MS = 4000;
  var RETRY_MS = 5000;

  /** What the pages use that old browsers lack. */
  var USED = [
    'WebSocket',
    'Promise',
    'fetch',
    'URLSearchParams',
    'globalThis',
    'Object.fromEntries',
    'Array.prototype.flatMap',
    'String.prototype.matchAll',
    'Element.prototype.append',
    'Element.prototype.animate',
    'HTMLImageElement.prototype.decode',
    'IntersectionObserver',
    'ResizeObserver',
    'requestAnimationFrame',
  ];

  var isTold = false;

  function isThere(path) {
    var names = path.split('.');
    var value = window;
    for (var i = 0; i < names.length; i++) {
      if (!(names[i] in value)) return false;
      if (i + 1 < names.length) value = value[names[i]];
    }
    return true;
  }

  function lacking() {
    var lacks = 'noModule' in document.createElement('script') ? [] : ['modules'];
    for (var i = 0; i < USED.length; i++) if (!isThere(USED[i])) lacks.push(USED[i]);
    return lacks;
  }

  function hasStarted() {
    return document.documentElement.hasAttribute('data-started');
  }

  function show(text) {
    var place = document.createElement('p');
    place.id = 'lacks';
    place.setAttribute('role', 'alert');
    place.style.cssText =
      'position:fixed;left:0;right:0;top:0;z-index:9;margin:0;padding:1em;background:#7c1d1d;color:#fff;font:20px/1.5 sans-serif';
    place.appendChild(document.createTextNode(text));
    document.body.appendChild(place);
  }

  function tell(text) {
    if (isTold) return;
    isTold = true;
    document.documentElement.setAttribute('data-lacks', text);
    if (document.body) show(text);
    else {
      document.addEventListener('DOMContentLoaded', function () {
        show(text);
      });
    }
    if (/\/display(\.html)?$/.test(location.pathname) && 'WebSocket' in window) report(text);
  }

  function report(text) {
    var folder = location.pathname.replace(/[^/]*$/, '');
    var socket = new WebSocket(
      location.protocol.replace('http', 'ws') + '//' + location.host + folder + 'stream' + location.search,
    );
    var timer = 0;
    function send() {
      socket.send(JSON.stringify({ type: 'report', picture: null, error: text.slice(0, 200) }));
    }
    socket.onopen = function () {
      send();
      timer = setInterval(send, REPORT_EVERY_MS);
    };
    socket.onclose = function () {
      clearInterval(timer);
      setTimeout(function () {
        report(text);
      }, RETRY_MS);
    };
  }

  function oneLine(text) {
    return String(text).replace(/\s+/g, ' ');
  }

  var lacks = lacking();
  if (lacks.length > 0) {
    tell('This browser lacks ' + lacks.join(', ') + '. This page needs ' + NEEDED + ', or a newer one.');
  }

  // A program that a browser can't read or load fails here, before it has started.
  window.addEventListener(
    'error',
    function (event) {
      if (hasStarted()) return;
      var isScript = event.target && event.target.tagName === 'SCRIPT';
      if (isScript) tell('The program of this page could not be loaded. Reload it.');
      else if (event.message) {
        tell(
          'This page could not start: ' +
            oneLine(event.message) +
            '. It needs ' +
            NEEDED +
            ', or a newer one.',
        );
      }
    },
    true,
  );
})();
