<?cs include:"macros.cs" ?><?cs include:"_key.cs" ?><?cs set:Title = "签署证书注销申请表" ?><?cs if:!Matter.Ready && Matter.Failed < #1 ?><?cs set:Title = "注销申请表正在生成" ?><?cs set:Making = #1 ?><?cs set:Refresh = #10 ?><?cs /if ?><?cs def:content() ?><p class="back"><a href="/cancel/">返回电子证书注销</a></p>
<div id="live"<?cs if:Making ?> data-poll<?cs /if ?>><?cs if:Making ?><div class="panel run"><h1>注销申请表正在生成</h1>
<p>事项编号<br><b><?cs var:Matter.Number ?></b></p></div>
<p role="status">生成之后即可签署。您可以关闭浏览器，之后从“电子证书注销”的记录中点击“去签署”。</p>
<?cs else ?><h1>签署证书注销申请表　<b class="s signing">待签章</b></h1>
<?cs /if ?><dl class="facts"><?cs call:fact("事项编号", Matter.Number) ?><?cs call:fact("姓名", Matter.Name) ?><div><dt>注销的证书<dd><?cs each:row = Rows ?><span><?cs var:row.Class ?>证　<?cs var:row.Number ?></span><br><?cs /each ?></div>
<?cs call:fact("注销原因", Matter.Reason) ?></dl>
<?cs if:Matter.Ready ?><h2>签署步骤</h2>
<ol class="steps"><li><a href="/cancel/<?cs var:Matter.Number ?>/form">查看注销申请表</a>，核对内容。<li>插入本企业的法人一证通，点击“请点击此按钮完成签署”。<li>选择密钥，输入密码。签署之后，本页显示办理结果。</ol>
<p class="note">签署完成后，所列证书立即注销，不能撤回。</p>
<form method="post" action="/cancel/<?cs var:Matter.Number ?>/sign" class="key actions" data-purpose="form" data-first="/cancel/<?cs var:Matter.Number ?>/prepare"><?cs call:form_csrf() ?><button type="button" class="button" data-key>请点击此按钮完成签署</button></form>
<noscript><p class="note bad">签署需要浏览器运行脚本（JavaScript），才能使用法人一证通。请启用后刷新本页；不能启用的，请换一台电脑签署。</p></noscript>
<?cs elif:!Making ?><p class="note bad">注销申请表未能生成。证书没有注销；请联系管理部门处理，并说明事项编号。也可以撤回后重新办理。</p>
<?cs /if ?><form method="post" action="/cancel/<?cs var:Matter.Number ?>/abandon" class="quiet"><?cs call:form_hidden() ?>不再注销的，可以<button class="link">撤回注销申请</button></form></div>
<?cs call:key_dialog("签署证书注销申请表", "签署") ?><?cs call:key_scripts() ?><?cs /def ?><?cs include:"layout.cs" ?>
