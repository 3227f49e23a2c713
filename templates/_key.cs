<?cs # The firm's key in a page (static/key.js). The page has a form of class "key" with data-purpose, the place of the first
# step in data-first and of the last in its action, and buttons with data-key, which may name a driver. ?><?cs

def:key_scripts() ?><script type="module" src="/static/key-page.js?<?cs var:Static.Version ?>"></script><?cs /def ?><?cs

def:key_network() ?>浏览器第一次使用本机助手时，会询问是否允许本网站访问<b>本机上的应用</b>（“本地网络”或“此设备上的其他应用和服务”），请点击<b>允许</b>。本网站只与本机助手通信，不访问其他设备。<?cs /def ?><?cs

def:key_dialog(title, verb) ?><dialog id="key" aria-labelledby="key-title"><form method="dialog" class="box stack" novalidate><h2 id="key-title" tabindex="-1"><?cs var:title ?></h2>
<div class="errors" id="key-error" role="alert" tabindex="-1" hidden><h3></h3><p></p></div>
<fieldset id="key-drivers"><legend>密钥在哪里？</legend><label class="pick"><input type="radio" name="driver" value="agent" checked>法人一证通（通过本机助手使用）</label><label class="pick"><input type="radio" name="driver" value="pkcs12">证书文件（.p12、.pfx）</label></fieldset>
<p class="note" data-of="agent"><?cs call:key_network() ?></p>
<div class="stack" data-asks="file" hidden><label for="key-file">证书文件</label><input type="file" id="key-file" accept=".p12,.pfx,application/x-pkcs12"></div>
<div class="stack" data-asks="password" hidden><label for="key-password">密码</label><input type="password" id="key-password" autocomplete="off" maxlength="128"></div>
<p class="quiet" data-of="pkcs12" hidden>文件和密码只在本页面内使用，不会上传。</p>
<fieldset id="key-certificates" hidden><legend>选择本企业的证书</legend></fieldset>
<p role="status" id="key-status"></p>
<div class="actions"><button class="button"><?cs var:verb ?></button><button type="button" class="button plain" data-close>取消</button></div></form></dialog>
<?cs /def ?>