<?cs include:"macros.cs" ?><?cs set:Title = "签署证书注销申请表" ?><?cs if:!Matter.Ready && Matter.Failed < #1 ?><?cs set:Title = "注销申请表正在生成" ?><?cs set:Making = #1 ?><?cs set:Refresh = #10 ?><?cs /if ?><?cs def:content() ?><p class="back"><a href="/cancel/">返回电子证书注销</a></p>
<?cs call:error_summary() ?><div id="live"<?cs if:Making ?> data-poll<?cs /if ?>><?cs if:Making ?><div class="panel run"><h1>注销申请表正在生成</h1>
<p>事项编号<br><b><?cs var:Matter.Number ?></b></p></div>
<p role="status">生成之后即可签署。您可以关闭浏览器，之后从“电子证书注销”的记录中点击“去签署”。</p>
<?cs else ?><h1>签署证书注销申请表　<b class="s signing">待签章</b></h1>
<?cs /if ?><dl class="facts"><?cs call:fact("事项编号", Matter.Number) ?><?cs call:fact("姓名", Matter.Name) ?><div><dt>注销的证书<dd><?cs each:row = Rows ?><span><?cs var:row.Class ?>证　<?cs var:row.Number ?></span><br><?cs /each ?></div>
<?cs call:fact("注销原因", Matter.Reason) ?></dl>
<?cs if:Matter.Ready ?><h2>签署步骤</h2>
<ol class="steps"><li><a href="/cancel/<?cs var:Matter.Number ?>/form">查看注销申请表</a>，核对内容，并将文件保存到电脑上。请不要修改文件，也不要打印后扫描：签名须对这份文件的原文作出。<li>插入本企业的法人一证通，用它的签名工具对该文件签名，按提示输入密码。签名选择“不含原文”（分离式，CMS 格式），得到 .p7s 文件。<li>在下面选择 .p7s 文件，点击“请点击此按钮完成签署”。</ol>
<dl class="facts"><div><dt>SHA-256<dd class="id"><code><?cs var:Matter.Sha256 ?></code></div></dl>
<form method="post" action="/cancel/<?cs var:Matter.Number ?>/sign" enctype="multipart/form-data" class="facts stack"><?cs call:form_hidden() ?><label for="f-signature">签名文件（.p7s）<?cs call:wrong("signature") ?></label><input type="file" id="f-signature" name="signature" accept=".p7s,.p7m,.der,application/pkcs7-signature"><button class="button">请点击此按钮完成签署</button></form>
<p class="note">签署完成后，所列证书立即注销，不能撤回。</p>
<?cs elif:!Making ?><p class="note bad">注销申请表未能生成。证书没有注销；请联系管理部门处理，并说明事项编号。也可以撤回后重新办理。</p>
<?cs /if ?><form method="post" action="/cancel/<?cs var:Matter.Number ?>/abandon" class="quiet"><?cs call:form_hidden() ?>不再注销的，可以 <button class="link">撤回注销申请</button></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
